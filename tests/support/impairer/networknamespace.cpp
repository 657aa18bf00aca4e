// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "impairer/networknamespace.h"

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>

#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <linux/ipv6.h>
#include <net/if.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

namespace peer::impairer {

namespace {

constexpr char DeviceName[] = "link";

// What the holder reports: 'ok', or the step that failed with its errno, beside the descriptor.
struct Report
{
    int error = 0;
    std::array<char, 64> step{};
};

/// The first step that fails ends the set-up; the others are skipped.
class Setup
{
public:
    bool step(const char *name, bool succeeded)
    {
        if (m_report.error == 0 && !succeeded) {
            m_report.error = errno != 0 ? errno : EIO;
            std::strncpy(m_report.step.data(), name, m_report.step.size() - 1);
        }
        return m_report.error == 0;
    }
    const Report &report() const { return m_report; }

private:
    Report m_report;
};

ifreq request(const char *device)
{
    ifreq request{};
    std::strncpy(request.ifr_name, device, IFNAMSIZ - 1);
    return request;
}

bool bringUp(int control, const char *device)
{
    ifreq flags = request(device);
    if (ioctl(control, SIOCGIFFLAGS, &flags) != 0)
        return false;
    flags.ifr_flags = static_cast<short>(flags.ifr_flags | IFF_UP | IFF_RUNNING);
    return ioctl(control, SIOCSIFFLAGS, &flags) == 0;
}

bool setIpv4(int control, const std::string &address)
{
    ifreq request = impairer::request(DeviceName);
    auto *inet = reinterpret_cast<sockaddr_in *>(&request.ifr_addr);
    inet->sin_family = AF_INET;
    if (inet_pton(AF_INET, address.c_str(), &inet->sin_addr) != 1
        || ioctl(control, SIOCSIFADDR, &request) != 0)
        return false;
    inet_pton(AF_INET, "255.255.255.0", &inet->sin_addr);
    return ioctl(control, SIOCSIFNETMASK, &request) == 0;
}

bool setIpv6(const std::string &address)
{
    const int control = ::socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (control < 0)
        return false;
    in6_ifreq request{};
    request.ifr6_ifindex = static_cast<int>(if_nametoindex(DeviceName));
    request.ifr6_prefixlen = 64;
    const bool done = inet_pton(AF_INET6, address.c_str(), &request.ifr6_addr) == 1
        && ioctl(control, SIOCSIFADDR, &request) == 0;
    ::close(control);
    return done;
}

int openTunnel(const char *device)
{
    const int tunnel = ::open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);
    if (tunnel < 0)
        return -1;
    ifreq request = impairer::request(device);
    request.ifr_flags = IFF_TUN | IFF_NO_PI;
    if (ioctl(tunnel, TUNSETIFF, &request) == 0)
        return tunnel;
    ::close(tunnel);
    return -1;
}

void sendReport(int socket, const Report &report, int descriptor)
{
    iovec payload{const_cast<Report *>(&report), sizeof report};
    alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int))> control{};
    msghdr message{};
    message.msg_iov = &payload;
    message.msg_iovlen = 1;
    if (descriptor >= 0) {
        message.msg_control = control.data();
        message.msg_controllen = control.size();
        cmsghdr *header = CMSG_FIRSTHDR(&message);
        header->cmsg_level = SOL_SOCKET;
        header->cmsg_type = SCM_RIGHTS;
        header->cmsg_len = CMSG_LEN(sizeof(int));
        std::memcpy(CMSG_DATA(header), &descriptor, sizeof descriptor);
    }
    ::sendmsg(socket, &message, MSG_NOSIGNAL);
}

int receiveReport(int socket, Report &report)
{
    iovec payload{&report, sizeof report};
    alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int))> control{};
    msghdr message{};
    message.msg_iov = &payload;
    message.msg_iovlen = 1;
    message.msg_control = control.data();
    message.msg_controllen = control.size();
    if (::recvmsg(socket, &message, MSG_CMSG_CLOEXEC) != static_cast<ssize_t>(sizeof report)) {
        report.error = EIO;
        return -1;
    }
    int descriptor = -1;
    const cmsghdr *header = CMSG_FIRSTHDR(&message);
    if (header && header->cmsg_type == SCM_RIGHTS)
        std::memcpy(&descriptor, CMSG_DATA(header), sizeof descriptor);
    return descriptor;
}

/// The child: enters a namespace of its own, sets it up, and waits to be killed.
[[noreturn]] void hold(int socket, const std::string &ipv4, const std::string &ipv6)
{
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    Setup setup;
    const int flags = geteuid() == 0 ? CLONE_NEWNET : CLONE_NEWNET | CLONE_NEWUSER;
    int tunnel = -1;
    if (setup.step("a network namespace", unshare(flags) == 0)) {
        tunnel = openTunnel(DeviceName);
        setup.step("a tunnel device", tunnel >= 0);
    }
    const int control = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (setup.step("a control socket", control >= 0)) {
        setup.step("its loopback interface", bringUp(control, "lo"));
        setup.step("its IPv4 address", setIpv4(control, ipv4));
        setup.step("its interface", bringUp(control, DeviceName));
        setup.step("its IPv6 address", setIpv6(ipv6));
    }
    sendReport(socket, setup.report(), tunnel);
    for (;;)
        ::pause();
}

} // namespace

NetworkNamespace::NetworkNamespace(const std::string &ipv4, const std::string &ipv6)
{
    int sockets[2];
    if (::socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, sockets) != 0) {
        m_error = "no socket pair";
        return;
    }
    m_holder = ::fork();
    if (m_holder == 0)
        hold(sockets[1], ipv4, ipv6);
    ::close(sockets[1]);
    Report report;
    if (m_holder > 0)
        m_tunnel = receiveReport(sockets[0], report);
    else
        report.error = errno;
    ::close(sockets[0]);
    if (report.error != 0)
        m_error = std::string(report.step.data()) + ": " + std::strerror(report.error);
}

NetworkNamespace::~NetworkNamespace()
{
    if (m_tunnel >= 0)
        ::close(m_tunnel);
    if (m_holder > 0) {
        ::kill(m_holder, SIGKILL);
        ::waitpid(m_holder, nullptr, 0);
    }
}

int openTunnelIn(const std::string &place, std::string &error)
{
    const std::size_t colon = place.rfind(':');
    const std::string file = place.substr(0, colon);
    const std::string device = colon == std::string::npos ? DeviceName : place.substr(colon + 1);
    const int home = ::open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
    const int there = ::open(file.c_str(), O_RDONLY | O_CLOEXEC);
    int tunnel = -1;
    Setup setup;
    if (setup.step("the namespaces", home >= 0 && there >= 0)
        && setup.step("to enter the namespace", setns(there, CLONE_NEWNET) == 0)) {
        tunnel = openTunnel(device.c_str());
        setup.step("a tunnel device", tunnel >= 0);
        const int control = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
        setup.step("its interface", control >= 0 && bringUp(control, device.c_str()));
        ::close(control);
        setup.step("to leave the namespace", setns(home, CLONE_NEWNET) == 0);
    }
    ::close(there);
    ::close(home);
    if (setup.report().error != 0)
        error = std::string(setup.report().step.data()) + " in " + place + ": "
            + std::strerror(setup.report().error);
    return tunnel;
}

} // namespace peer::impairer
