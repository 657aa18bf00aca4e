// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "phones.h"

#include <QtTest/qtest.h>

using namespace demo;
using namespace Qt::StringLiterals;

CommandLine Phones::optionsOf(const QString &name) const
{
    CommandLine options;
    options.name = name;
    options.rendezvous = u"127.0.0.1:%1?tls=off"_s.arg(server.serverPort());
    options.data = folder.filePath(name);
    options.downloads = folder.filePath(name + u"/downloads"_s);
    options.source = source;
    options.isSilent = true;
    return options;
}

bool Phones::start(PeerMediaCall::Source toSend)
{
    source = toSend;
    if (!server.listen())
        return false;
    alice = std::make_unique<Phone>(optionsOf(u"alice"_s));
    bob = std::make_unique<Phone>(optionsOf(u"bob"_s));
    alice->start();
    bob->start();
    return QTest::qWaitFor(
        [this] {
            return alice->own()->state() == OwnAddress::State::Ready
                && bob->own()->state() == OwnAddress::State::Ready;
        },
        20'000);
}

bool Phones::ring()
{
    const auto rings = [](Phone &phone) {
        return phone.call() && phone.call()->phase() == CallSession::Phase::Ringing;
    };
    return bob->dial(alice->own()->address())
        && QTest::qWaitFor([&] { return rings(*alice) && rings(*bob); }, 20'000);
}

bool Phones::talk()
{
    if (!ring())
        return false;
    alice->call()->accept();
    return QTest::qWaitFor(
        [this] {
            return alice->call() && bob->call()
                && alice->call()->phase() == CallSession::Phase::Talking
                && bob->call()->phase() == CallSession::Phase::Talking
                && alice->call()->conversation()->isOpen() && bob->call()->conversation()->isOpen();
        },
        20'000);
}
