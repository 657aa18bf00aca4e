// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "api/policycheck.h"

using namespace Qt::StringLiterals;

namespace peer {

QString faultOfPolicy(PathPolicy policy, const RendezvousInfo &info, bool hasNamedRelays,
                      bool hasRelays)
{
    switch (policy) {
    case PathPolicy::All:
    case PathPolicy::Direct:
        return {};
    case PathPolicy::Relay:
        if (hasRelays)
            return {};
        return hasNamedRelays ? u"only relays are allowed (paths=relay), but there are no "
                                "credentials for the TURN servers"_s
                              : u"only relays are allowed (paths=relay), but no TURN server is "
                                "known"_s;
    case PathPolicy::Tunnel:
        return info.hasTunnels ? QString()
                               : u"only the tunnel is allowed (paths=tunnel), but the rendezvous "
                                 "offers none"_s;
    }
    return {};
}

} // namespace peer
