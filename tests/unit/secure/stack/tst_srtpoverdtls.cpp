// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "secure/srtp/srtpsession.h"
#include "unit/secure/dtls/dtlspair.h"

#include <QtTest/qtest.h>

using namespace std::chrono_literals;
using namespace peer;
using peer::test::DtlsPair;

namespace {

std::unique_ptr<srtp::Session> sessionOf(const test::DtlsEnd &end, srtp::Role role)
{
    const auto profile = srtp::profileNamed(end.connected->srtpProfile);
    if (!profile)
        return nullptr;
    const Bytes material = end.transport.exportKeyingMaterial(srtp::ExporterLabel,
                                                              srtp::keyingMaterialSize(*profile));
    const auto keys = srtp::keysFrom(*profile, role, material);
    return keys ? srtp::Session::create(*profile, *keys) : nullptr;
}

Bytes rtp(std::uint16_t sequence)
{
    Bytes packet(60, std::uint8_t(sequence));
    packet[0] = 0x80;
    packet[1] = 96;
    writeUint16(&packet[2], sequence);
    return packet;
}

} // namespace

class tst_SrtpOverDtls : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void keysComeFromTheHandshake();
    void thereAreNoKeysBeforeTheHandshake();
};

void tst_SrtpOverDtls::keysComeFromTheHandshake()
{
    DtlsPair pair;
    QVERIFY(pair.connect());
    const auto client = sessionOf(pair.client(), srtp::Role::Client);
    const auto server = sessionOf(pair.server(), srtp::Role::Server);
    QVERIFY(client && server);
    for (std::uint16_t sequence = 0; sequence < 10; ++sequence) {
        const Bytes there = toBytes(*client->protectRtp(rtp(sequence)));
        QCOMPARE(toBytes(*server->openRtp(there)), rtp(sequence));
        const Bytes back = toBytes(*server->protectRtp(rtp(sequence)));
        QCOMPARE(toBytes(*client->openRtp(back)), rtp(sequence));
    }
}

void tst_SrtpOverDtls::thereAreNoKeysBeforeTheHandshake()
{
    DtlsPair pair;
    QVERIFY(pair.client().transport.exportKeyingMaterial(srtp::ExporterLabel, 56).empty());
}

QTEST_APPLESS_MAIN(tst_SrtpOverDtls)

#include "tst_srtpoverdtls.moc"
