// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef TESTS_INTEROP_STATENAME_H
#define TESTS_INTEROP_STATENAME_H

#include <PeerConnection/PeerConnection>

#include <QtCore/qmetaobject.h>
#include <QtCore/qstring.h>

/// The name of a state as its events have it.
inline QString nameOf(PeerConnection::State state)
{
    return QString::fromLatin1(QMetaEnum::fromType<PeerConnection::State>().valueToKey(int(state)));
}

#endif // TESTS_INTEROP_STATENAME_H
