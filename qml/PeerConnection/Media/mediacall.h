// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_QML_MEDIACALL_H
#define PEER_QML_MEDIACALL_H

#include <PeerConnection/peermediacall.h>

#include <QtMultimedia/qvideosink.h>
#include <QtQml/qjsvalue.h>
#include <QtQml/qqml.h>

namespace peer::qml::creatable {

/// What `MediaCall { … }` makes in QML: a PeerMediaCall that is not collected as garbage while it
/// has a connection that has not ended, whoever has made it and however it is kept. To QML it is
/// one type with the base, without a Q_OBJECT of its own, as PeerConnection is in the module of
/// that name.
class PeerMediaCall : public ::PeerMediaCall
{
public:
    explicit PeerMediaCall(QObject *parent = nullptr);

private:
    void keepOrLeave();

    /// What refers to this from JavaScript, while it is needed.
    QJSValue m_self;
};

struct MediaCallType
{
    Q_GADGET
    QML_FOREIGN(PeerMediaCall)
    QML_NAMED_ELEMENT(MediaCall)
};

} // namespace peer::qml::creatable

#endif // PEER_QML_MEDIACALL_H
