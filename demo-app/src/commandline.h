// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef DEMO_COMMANDLINE_H
#define DEMO_COMMANDLINE_H

#include <PeerConnection/PeerMediaCall>

#include <QtCore/qsize.h>
#include <QtCore/qstring.h>
#include <QtCore/qstringlist.h>

namespace demo {

/// What the program was told on its command line.
struct CommandLine
{
    enum class Scheme { System, Light, Dark };

    QString name;       ///< what we are called; empty: as the last time, or the user's name
    QString rendezvous; ///< HOST[:PORT][?tls=…][#TOKEN]; empty: a server of our own
    QString data;       ///< where key, server certificate and people are kept; empty: by the system
    QString downloads;  ///< where received files go; empty: the user's folder for it
    QString dial;       ///< whom to call at once
    bool answers = false; ///< whether calls are accepted without asking
    PeerMediaCall::Source source = PeerMediaCall::Source::Automatic;
    QString file;             ///< of Source::File
    QString sendFile;         ///< a file to send to the peer once the call stands
    QString screenshot;       ///< a PNG of the window, made when the figures are
    QString figures;          ///< a JSON file of what was seen and heard
    bool isPeerOther = false; ///< the peer is another program: any picture and sound of it counts
    bool isSilent = false;    ///< no ringing tone; and films have no sound, so none is measured
    int seconds = 0; ///< how long to measure from the first picture on, then quit; 0: no end
    QSize size;      ///< of the window; empty: by itself
    Scheme scheme = Scheme::System;

    /// Reads the arguments, the program's name first. On a mistake, or where the user asked for
    /// help, message is what to print and the result is false.
    static bool parse(const QStringList &arguments, CommandLine *result, QString *message);
};

} // namespace demo

#endif // DEMO_COMMANDLINE_H
