// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "api/reportinfo.h"

#include "api/pathinfo.h"

#include <QtCore/qjsonarray.h>

using namespace Qt::StringLiterals;

namespace peer {

namespace {

QString toQString(std::string_view text)
{
    return QString::fromUtf8(text.data(), qsizetype(text.size()));
}

QJsonObject toJson(const ice::PairTrial &trial)
{
    QJsonObject object{{u"kind"_s, toQString(nameOf(trial.info.kind))},
                       {u"protocol"_s, toQString(protocolOf(trial.info))},
                       {u"local"_s, toQString(trial.info.route.local.toString())},
                       {u"remote"_s, toQString(trial.info.route.remote.toString())},
                       {u"outcome"_s, toQString(nameOf(trial.outcome))}};
    if (trial.info.smoothedRoundTrip != Duration::zero())
        object.insert(u"rtt"_s, toMilliseconds(trial.info.smoothedRoundTrip));
    return object;
}

} // namespace

PeerReport toPeerReport(const CallReport &report)
{
    QJsonArray tried, notBetter, history;
    for (const ice::PairTrial &trial : report.trials)
        tried.append(toJson(trial));
    for (const std::string &text : report.missingTexts())
        notBetter.append(toQString(text));
    for (const CallHistory::Entry &entry : report.history) {
        history.append(
            QJsonObject{{u"t"_s, toMilliseconds(entry.since)}, {u"text"_s, toQString(entry.text)}});
    }
    QJsonObject json{{u"state"_s, toQString(nameOf(report.state))},
                     {u"tried"_s, tried},
                     {u"notBetter"_s, notBetter},
                     {u"history"_s, history}};
    if (const ice::PairTrial *used = report.used())
        json.insert(u"inUse"_s, toJson(*used));
    return PeerReport(toQString(report.toText()), json);
}

} // namespace peer
