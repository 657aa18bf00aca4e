// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef TESTS_UNIT_CORE_SDP_ENDPOINTS_H
#define TESTS_UNIT_CORE_SDP_ENDPOINTS_H

#include <QtCore/qbytearray.h>

/// Descriptions as the endpoints of others write them; addresses, keys and names are invented.
/// Lines end in CRLF.
namespace endpoints {

QByteArray chromiumDataOffer();
QByteArray chromiumCallOffer();
QByteArray firefoxDataOffer();
QByteArray firefoxCallAnswer();
QByteArray libdatachannelOffer();
QByteArray aiortcAnswer();
QByteArray pionOffer();
QByteArray webrtcNodeAnswer();
QByteArray iceLiteServerOffer();
QByteArray legacyDataOffer();

} // namespace endpoints

#endif // TESTS_UNIT_CORE_SDP_ENDPOINTS_H
