// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_QML_RENDEZVOUS_H
#define PEER_QML_RENDEZVOUS_H

#include <PeerConnection/peerrendezvous.h>

#include <QtQml/qqml.h>
#include <QtQml/qqmlparserstatus.h>

namespace peer::qml::creatable {

/// What `PeerRendezvous { … }` makes in QML: a rendezvous that is opened, if it has an address, when
/// its component is complete. Like PeerConnection it is one type with the base.
///
/// What dial() and listen() give are its children, and incoming connections their listener's, while
/// they live; a connection that has ended goes with the last reference to it in QML.
class PeerRendezvous
    : public ::PeerRendezvous
    , public QQmlParserStatus
{
public:
    explicit PeerRendezvous(QObject *parent = nullptr);

    void classBegin() override;
    void componentComplete() override;

protected:
    void childEvent(QChildEvent *event) override;
};

struct RendezvousType
{
    Q_GADGET
    QML_FOREIGN(PeerRendezvous)
    QML_NAMED_ELEMENT(PeerRendezvous)
};

} // namespace peer::qml::creatable

#endif // PEER_QML_RENDEZVOUS_H
