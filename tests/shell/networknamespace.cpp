// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "networknamespace.h"

#include <QtCore/qglobal.h>
#include <QtCore/qprocess.h>

#ifdef Q_OS_LINUX
#    include <arpa/inet.h>
#    include <cstring>
#    include <net/if.h>
#    include <sched.h>
#    include <sys/ioctl.h>
#    include <sys/socket.h>
#    include <unistd.h>

namespace {

bool control(unsigned long request, ifreq &argument)
{
    const int descriptor = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    const bool isDone = descriptor >= 0 && ioctl(descriptor, request, &argument) == 0;
    if (descriptor >= 0)
        close(descriptor);
    return isDone;
}

bool setUp(const char *name, bool up)
{
    ifreq request{};
    std::strncpy(request.ifr_name, name, IFNAMSIZ - 1);
    request.ifr_flags = static_cast<short>(up ? IFF_UP : 0);
    return control(SIOCSIFFLAGS, request);
}

} // namespace

bool enterNetworkNamespace()
{
    return unshare(CLONE_NEWNET) == 0 || unshare(CLONE_NEWUSER | CLONE_NEWNET) == 0;
}

bool setLoopbackUp(bool up)
{
    return setUp("lo", up);
}

bool setPacketFilter(const char *rules)
{
    QProcess nft;
    nft.start(QStringLiteral("nft"), {QStringLiteral("-f"), QStringLiteral("-")});
    nft.write(rules);
    nft.closeWriteChannel();
    return nft.waitForFinished() && nft.exitStatus() == QProcess::NormalExit && nft.exitCode() == 0;
}

bool setLoopbackAlias(const char *address)
{
    ifreq request{};
    std::strncpy(request.ifr_name, "lo:1", IFNAMSIZ - 1);
    sockaddr_in v4{};
    v4.sin_family = AF_INET;
    inet_pton(AF_INET, address, &v4.sin_addr);
    std::memcpy(&request.ifr_addr, &v4, sizeof v4);
    return control(SIOCSIFADDR, request);
}

bool removeLoopbackAlias()
{
    return setUp("lo:1", false);
}

#else

bool enterNetworkNamespace()
{
    return false;
}
bool setLoopbackUp(bool)
{
    return false;
}
bool setPacketFilter(const char *)
{
    return false;
}
bool setLoopbackAlias(const char *)
{
    return false;
}
bool removeLoopbackAlias()
{
    return false;
}

#endif // Q_OS_LINUX
