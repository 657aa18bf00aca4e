// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef TESTS_UNIT_CORE_SDP_PARSING_H
#define TESTS_UNIT_CORE_SDP_PARSING_H

#include "core/sdp/sessiondescription.h"

#include <QtTest/qtest.h>

/// Fails the test by an empty description, whose members then differ.
inline peer::sdp::SessionDescription parsed(const QByteArray &text)
{
    auto description = peer::sdp::SessionDescription::parse(text.toStdString());
    if (!description) {
        const auto &error = description.error();
        QTest::qFail(qPrintable(QStringLiteral("line %1: %2")
                                    .arg(error.line)
                                    .arg(QString::fromStdString(error.message))),
                     __FILE__, __LINE__);
        return {};
    }
    return *description;
}

inline QByteArray withLines(
    const char *sessionLines, const char *mediaLines,
    const char *mediaLine = "m=application 9 UDP/DTLS/SCTP webrtc-datachannel\n")
{
    return QByteArray("v=0\no=- 1 1 IN IP4 127.0.0.1\ns=-\nt=0 0\n") + sessionLines + mediaLine
        + mediaLines;
}

#endif // TESTS_UNIT_CORE_SDP_PARSING_H
