// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef DEMO_ERRORWORDS_H
#define DEMO_ERRORWORDS_H

#include <PeerConnection/PeerConnection>
#include <PeerConnection/PeerMediaCall>

#include <QtCore/qstring.h>

namespace demo {

/// An error in the words of somebody who wants to talk, not to debug.
struct ErrorWords
{
    QString title;  ///< what happened: a few words, no full stop
    QString advice; ///< what to do about it: a sentence
};

/// Of a call that ended or never came about. Both are empty for None alone.
ErrorWords wordsFor(PeerConnection::Error error);
/// Of a device or a film in a call that goes on; the advice stands after
/// PeerMediaCall::errorString(), which names it. Both are empty for None alone.
ErrorWords wordsFor(PeerMediaCall::Error error);

} // namespace demo

#endif // DEMO_ERRORWORDS_H
