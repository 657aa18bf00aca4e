// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEERCAT_DOCTOR_H
#define PEERCAT_DOCTOR_H

#include "session.h"

#include <PeerConnection/PeerNetworkCheck>

/// peercat doctor: tells on standard output what the network lets through. The exit code is 0 when
/// calls can be expected to come about, else 2.
class DoctorSession : public Session
{
    Q_OBJECT

public:
    explicit DoctorSession(const Options &options);
    void start() override;
    void interrupt() override;

private:
    void tell();

    PeerNetworkCheck m_check;
};

#endif // PEERCAT_DOCTOR_H
