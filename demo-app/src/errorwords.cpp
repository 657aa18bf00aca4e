// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "errorwords.h"

using namespace Qt::StringLiterals;

namespace demo {

ErrorWords wordsFor(PeerConnection::Error error)
{
    using Error = PeerConnection::Error;
    switch (error) {
    case Error::None:
        return {};
    case Error::BadAddress:
        return {u"That is not an address"_s,
                u"Ask for it again, and copy the whole line that begins with peer://."_s};
    case Error::PathPolicyUnavailable:
        return {u"This address forbids the ways there are"_s,
                u"It allows relays or the tunnel alone, and the server offers none. Ask for an "
                u"address without 'paths'."_s};
    case Error::RendezvousUnreachable:
        return {u"The meeting point does not answer"_s,
                u"Check your network. If it works, the server in the address is down or the "
                u"address is old."_s};
    case Error::RendezvousCertificate:
        return {u"The meeting point cannot prove who it is"_s,
                u"Somebody may be listening in on this network, or the server has a new key: ask "
                u"for the address again."_s};
    case Error::RendezvousProtocol:
        return {u"Something else answers at the meeting point"_s,
                u"Check host and port of the address. In a guest network, sign in to it "
                u"first."_s};
    case Error::RendezvousVersion:
        return {u"The meeting point speaks another version"_s,
                u"Update this program, or ask whoever runs the server to update it."_s};
    case Error::RendezvousRefused:
        return {u"The meeting point refuses us"_s,
                u"It may want a token, the name may belong to somebody else, or it is full. Try "
                u"another name."_s};
    case Error::PeerOffline:
        return {u"Not there right now"_s,
                u"The program at the other end is not running, or has no network. Try later."_s};
    case Error::PeerBusy:
        return {u"In another call"_s, u"Try again in a few minutes."_s};
    case Error::PeerRejected:
        return {u"The call was declined"_s, u"They do not want to talk right now."_s};
    case Error::PeerSilent:
        return {u"Nobody answered"_s, u"It rang for a minute. Try again later."_s};
    case Error::Cancelled:
        return {u"The caller hung up"_s, u"You have missed this call; you can call back."_s};
    case Error::IdentityMismatch:
        return {u"This is somebody else"_s,
                u"Who answered could not prove to be the one in the address, so nothing was said. "
                u"Ask for a fresh address by a way that you trust."_s};
    case Error::BadDescription:
        return {u"The two programs do not understand each other"_s,
                u"Make sure that both are of a recent version."_s};
    case Error::NoPath:
        return {u"The networks let nothing through"_s,
                u"Everything was tried. Another network, or a server with a relay or a tunnel, "
                u"will help."_s};
    case Error::HandshakeFailed:
        return {u"No secure connection came about"_s,
                u"The network changes or drops what is sent. Try again, or try another "
                u"network."_s};
    case Error::ConnectionLost:
        return {u"The connection is lost"_s,
                u"One of the networks went away for too long. Call again when it is back."_s};
    case Error::PeerFailed:
        return {u"The other side had to stop"_s,
                u"Its program met an error. Call again, please."_s};
    }
    return {};
}

ErrorWords wordsFor(PeerMediaCall::Error error)
{
    using Error = PeerMediaCall::Error;
    switch (error) {
    case Error::None:
        return {};
    case Error::MissingPlugin:
        return {u"A part of the system is missing"_s,
                u"Install the GStreamer plugins (base, good and bad), then call again."_s};
    case Error::NotFound:
        return {
            u"The device or film is not there"_s,
            u"Plug it in, or choose another one. A test picture takes the place of a camera or film."_s};
    case Error::NotAllowed:
        return {u"No permission for the device or film"_s,
                u"Allow this program to use it in the settings of your system."_s};
    case Error::Busy:
        return {u"Another program has the device"_s,
                u"Close the other program, or choose another device."_s};
    case Error::Lost:
        return {u"The device is gone"_s,
                u"Plug it in again and it is used again. The call goes on."_s};
    case Error::Unreadable:
        return {u"The film cannot be played"_s,
                u"Choose another file. A test picture takes its place."_s};
    case Error::Unusable:
        return {u"The device or film does not work"_s,
                u"Choose another one. A test picture takes the place of a camera or film."_s};
    case Error::Internal:
        return {u"Sound and picture had trouble"_s,
                u"The call goes on. If nothing is seen or heard, hang up and call again."_s};
    case Error::NoMedia:
        return {u"No sound and no picture with this program"_s,
                u"The other side's program cannot protect them. Chat and files work."_s};
    }
    return {};
}

} // namespace demo
