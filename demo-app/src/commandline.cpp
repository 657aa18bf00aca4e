// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "commandline.h"

#include <QtCore/qcommandlineparser.h>
#include <QtCore/qfileinfo.h>

using namespace Qt::StringLiterals;

namespace demo {

namespace {

/// A measurement takes an hour at most.
constexpr int MaxSeconds = 3600;
/// The smallest window in which everything can be reached, and more than any screen has.
constexpr QSize SmallestWindow{480, 360};
constexpr QSize LargestWindow{7680, 4320};

bool fail(QString *message, const QString &text)
{
    *message = text;
    return false;
}

bool readSource(const QString &text, CommandLine *result)
{
    if (text == "auto"_L1) {
        result->source = PeerMediaCall::Source::Automatic;
    } else if (text == "test"_L1) {
        result->source = PeerMediaCall::Source::Test;
    } else {
        // Whether it is there and can be played, the call will tell.
        result->source = PeerMediaCall::Source::File;
        result->file = QFileInfo(text).absoluteFilePath();
    }
    return !text.isEmpty();
}

bool readScheme(const QString &text, CommandLine *result)
{
    if (text == "light"_L1)
        result->scheme = CommandLine::Scheme::Light;
    else if (text == "dark"_L1)
        result->scheme = CommandLine::Scheme::Dark;
    else
        return text == "system"_L1;
    return true;
}

bool readSize(const QString &text, CommandLine *result)
{
    const QStringList parts = text.split(u'x');
    bool isWidth = false;
    bool isHeight = false;
    if (parts.size() != 2)
        return false;
    result->size = QSize(parts.first().toInt(&isWidth), parts.last().toInt(&isHeight));
    return isWidth && isHeight && result->size == result->size.expandedTo(SmallestWindow)
        && result->size == result->size.boundedTo(LargestWindow);
}

bool readSeconds(const QString &text, CommandLine *result)
{
    bool isNumber = false;
    result->seconds = text.toInt(&isNumber);
    return isNumber && result->seconds > 0 && result->seconds <= MaxSeconds;
}

} // namespace

bool CommandLine::parse(const QStringList &arguments, CommandLine *result, QString *message)
{
    *result = {};
    QCommandLineParser parser;
    parser.setApplicationDescription(u"Video calls from one address to another."_s);
    const QCommandLineOption help = parser.addHelpOption();
    const QCommandLineOption name(u"name"_s, u"What you are called: letters, digits, - . _ ~"_s,
                                  u"NAME"_s);
    const QCommandLineOption rendezvous(
        u"rendezvous"_s,
        u"The server where callers find you; without it this program is one itself."_s,
        u"HOST[:PORT][?tls=…][#TOKEN]"_s);
    const QCommandLineOption data(u"data"_s, u"Where key and people are kept."_s, u"DIRECTORY"_s);
    const QCommandLineOption downloads(u"downloads"_s, u"Where received files go."_s,
                                       u"DIRECTORY"_s);
    const QCommandLineOption dial(u"dial"_s, u"Calls this address at once."_s, u"PEER-URI"_s);
    const QCommandLineOption answer(u"answer"_s, u"Accepts calls without asking."_s);
    const QCommandLineOption source(
        u"source"_s,
        u"What is sent: auto (camera and microphone, or a test picture), test, or a film."_s,
        u"auto|test|FILE"_s, u"auto"_s);
    const QCommandLineOption sendFile(u"send"_s, u"Sends this file once the call stands."_s,
                                      u"FILE"_s);
    const QCommandLineOption screenshot(
        u"screenshot"_s, u"Leaves a picture of the window; needs --seconds."_s, u"FILE"_s);
    const QCommandLineOption figures(
        u"figures"_s, u"Leaves what was measured, as JSON; needs --seconds."_s, u"FILE"_s);
    const QCommandLineOption seconds(
        u"seconds"_s, u"Measures so long from the first picture on, then quits."_s, u"N"_s);
    const QCommandLineOption silent(
        u"silent"_s,
        u"Nothing is heard when somebody calls; and a film has no sound, so none is missed."_s);
    const QCommandLineOption otherPeer(
        u"other-peer"_s,
        u"The peer is another program: counts all pictures and sounds; needs --seconds."_s);
    const QCommandLineOption size(u"size"_s, u"Of the window."_s, u"WIDTHxHEIGHT"_s);
    const QCommandLineOption scheme(u"scheme"_s, u"Colours."_s, u"system|light|dark"_s,
                                    u"system"_s);
    parser.addOptions({name, rendezvous, data, downloads, dial, answer, source, sendFile,
                       screenshot, figures, seconds, silent, otherPeer, size, scheme});

    if (!parser.parse(arguments))
        return fail(message, parser.errorText());
    if (parser.isSet(help))
        return fail(message, parser.helpText());
    if (!parser.positionalArguments().isEmpty())
        return fail(message, u"'%1' is no option"_s.arg(parser.positionalArguments().first()));

    result->name = parser.value(name);
    result->rendezvous = parser.value(rendezvous);
    result->data = parser.value(data);
    result->downloads = parser.value(downloads);
    result->dial = parser.value(dial);
    result->answers = parser.isSet(answer);
    result->sendFile = parser.value(sendFile);
    result->screenshot = parser.value(screenshot);
    result->figures = parser.value(figures);
    result->isSilent = parser.isSet(silent);
    result->isPeerOther = parser.isSet(otherPeer);
    if (!readSource(parser.value(source), result))
        return fail(message, u"--source is auto, test or the name of a film"_s);
    if (!readScheme(parser.value(scheme), result))
        return fail(message, u"--scheme is system, light or dark"_s);
    if (parser.isSet(size) && !readSize(parser.value(size), result))
        return fail(message,
                    u"--size is such as 960x600, and at least %1x%2"_s.arg(SmallestWindow.width())
                        .arg(SmallestWindow.height()));
    if (parser.isSet(seconds) && !readSeconds(parser.value(seconds), result))
        return fail(message, u"--seconds is a number from 1 to %1"_s.arg(MaxSeconds));
    if (result->seconds == 0 && !(result->figures.isEmpty() && result->screenshot.isEmpty()))
        return fail(message, u"--figures and --screenshot need --seconds"_s);
    if (result->isPeerOther && result->seconds == 0)
        return fail(message, u"--other-peer needs --seconds"_s);
    return true;
}

} // namespace demo
