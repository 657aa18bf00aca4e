// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef DEMO_PHONES_H
#define DEMO_PHONES_H

#include "phone.h"

#include <PeerConnection/PeerRendezvousServer>

#include <QtCore/qtemporarydir.h>

#include <memory>

/// Two of the program without windows, and a rendezvous on loopback. Nothing is sent unless a test
/// asks for it, so that no device of this machine is touched.
class Phones
{
public:
    /// Both can be called when it returns true.
    bool start(PeerMediaCall::Source source = PeerMediaCall::Source::None);
    /// Bob calls Alice, and it rings there.
    bool ring();
    /// And she accepts, and they can talk and write.
    bool talk();

    demo::CommandLine optionsOf(const QString &name) const;

    QTemporaryDir folder;
    PeerRendezvousServer server;
    PeerMediaCall::Source source = PeerMediaCall::Source::None;
    std::unique_ptr<demo::Phone> alice;
    std::unique_ptr<demo::Phone> bob;
};

#endif // DEMO_PHONES_H
