// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_QML_LISTENER_H
#define PEER_QML_LISTENER_H

#include <PeerConnection/peerlistener.h>

#include <QtQml/qqml.h>
#include <QtQml/qqmlparserstatus.h>

namespace peer::qml::creatable {

/// What `PeerListener { … }` makes in QML: a listener that listens at its address, if it has one,
/// when its component is complete. Like PeerConnection it is one type with the base.
///
/// Its incoming connections are its children while they live: neither QML nor the garbage collector
/// deletes them. When one has closed it goes, but not before the last reference to it in QML.
class PeerListener
    : public ::PeerListener
    , public QQmlParserStatus
{
public:
    explicit PeerListener(QObject *parent = nullptr);

    void classBegin() override;
    void componentComplete() override;
};

struct ListenerType
{
    Q_GADGET
    QML_FOREIGN(PeerListener)
    QML_NAMED_ELEMENT(PeerListener)
};

} // namespace peer::qml::creatable

#endif // PEER_QML_LISTENER_H
