// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "support/nosrtp/nosrtp.h"

#include <dlfcn.h>

#include <openssl/ssl.h>

namespace peer::test {

bool offersSrtp = true;

} // namespace peer::test

/// Instead of OpenSSL's; 0 is success.
extern "C" __attribute__((visibility("default"))) int SSL_CTX_set_tlsext_use_srtp(
    SSL_CTX *context, const char *profiles)
{
    using Function = int (*)(SSL_CTX *, const char *);
    static const auto next = reinterpret_cast<Function>(
        dlsym(RTLD_NEXT, "SSL_CTX_set_tlsext_use_srtp"));
    return peer::test::offersSrtp ? next(context, profiles) : 0;
}
