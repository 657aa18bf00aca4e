// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_TEST_QUIETPORT_H
#define PEER_TEST_QUIETPORT_H

#include <QtCore/qglobal.h>

namespace peer::test {

/// A port where nobody is, by TCP or UDP, nor on the next one, where a rendezvous listens too
/// (RFC 8489's OTHER-ADDRESS): for whoever is to find nobody there, to listen there later, to listen
/// there again, or to be sent nothing by strangers.
///
/// A port that the system gives to who binds port 0 is not it: as soon as it is closed it may be
/// given to the next who binds or connects, and it may have been that of a peer whom another program
/// still calls. This one is below all that the system gives by itself
/// (ip_local_port_range; on a system where those begin below 11264 it is merely free). Programs that
/// run at once begin at places far apart, by their process id, and each call gives another port.
quint16 quietPort();

} // namespace peer::test

#endif // PEER_TEST_QUIETPORT_H
