// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "core/stun/integrity.h"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/params.h>

#include <cassert>
#include <string>

namespace peer::stun {

namespace {

struct FreeMac
{
    void operator()(EVP_MAC *mac) const { EVP_MAC_free(mac); }
    void operator()(EVP_MAC_CTX *context) const { EVP_MAC_CTX_free(context); }
};
using Mac = std::unique_ptr<EVP_MAC, FreeMac>;
using MacContext = std::unique_ptr<EVP_MAC_CTX, FreeMac>;

constexpr std::size_t MaxDigestSize = 32;

MacContext makeHmac(const char *digest, ByteView key)
{
    const Mac mac(EVP_MAC_fetch(nullptr, OSSL_MAC_NAME_HMAC, nullptr));
    MacContext context(mac ? EVP_MAC_CTX_new(mac.get()) : nullptr);
    if (!context)
        return nullptr;
    std::string name = digest;
    const std::array<OSSL_PARAM, 2> parameters = {
        OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, name.data(), name.size()),
        OSSL_PARAM_construct_end()};
    // A null pointer would mean "the key you have".
    static constexpr std::uint8_t EmptyKey = 0;
    const std::uint8_t *octets = key.empty() ? &EmptyKey : key.data();
    if (!EVP_MAC_init(context.get(), octets, key.size(), parameters.data()))
        return nullptr;
    return context;
}

bool isEqualInConstantTime(ByteView left, ByteView right)
{
    return left.size() == right.size()
        && CRYPTO_memcmp(left.data(), right.data(), left.size()) == 0;
}

std::string joined(std::string_view username, std::string_view realm)
{
    std::string text(username);
    text += ':';
    text += realm;
    return text;
}

/// The number of octets written to out; 0 when the digest is not to be had.
std::size_t digest(const EVP_MD *algorithm, std::string_view text,
                   std::array<std::uint8_t, MaxDigestSize> &out)
{
    unsigned int size = 0;
    if (!EVP_Digest(text.data(), text.size(), out.data(), &size, algorithm, nullptr))
        return 0;
    return size;
}

} // namespace

std::size_t integritySize(Integrity kind)
{
    switch (kind) {
    case Integrity::Absent:
        return 0;
    case Integrity::Sha1:
        return 20;
    case Integrity::Sha256:
        return 32;
    }
    return 0;
}

/// One prepared HMAC a kind. Starting one anew with the same key only copies its inner state.
class IntegrityKey::Private
{
public:
    explicit Private(ByteView key)
        : m_sha1(makeHmac("SHA1", key))
        , m_sha256(makeHmac("SHA256", key))
    { }

    EVP_MAC_CTX *restarted(Integrity kind) const
    {
        EVP_MAC_CTX *context = kind == Integrity::Sha1 ? m_sha1.get()
            : kind == Integrity::Sha256                ? m_sha256.get()
                                                       : nullptr;
        if (!context || !EVP_MAC_init(context, nullptr, 0, nullptr))
            return nullptr;
        return context;
    }

private:
    MacContext m_sha1;
    MacContext m_sha256;
};

IntegrityKey::IntegrityKey() = default;
IntegrityKey::~IntegrityKey() = default;
IntegrityKey::IntegrityKey(IntegrityKey &&) noexcept = default;
IntegrityKey &IntegrityKey::operator=(IntegrityKey &&) noexcept = default;

IntegrityKey::IntegrityKey(ByteView key)
    : d(std::make_unique<Private>(key))
{ }

IntegrityKey IntegrityKey::shortTerm(std::string_view password)
{
    return IntegrityKey(asBytes(password));
}

IntegrityKey IntegrityKey::longTerm(std::string_view username, std::string_view realm,
                                    std::string_view password, PasswordAlgorithm algorithm)
{
    std::string text = joined(joined(username, realm), password);
    std::array<std::uint8_t, MaxDigestSize> key{};
    const EVP_MD *function = algorithm == PasswordAlgorithm::Md5 ? EVP_md5() : EVP_sha256();
    const std::size_t size = digest(function, text, key);
    OPENSSL_cleanse(text.data(), text.size());
    // MD5 may be forbidden on this machine.
    if (size == 0)
        return {};
    IntegrityKey made{ByteView(key).first(size)};
    OPENSSL_cleanse(key.data(), key.size());
    return made;
}

bool IntegrityKey::sign(Integrity kind, ByteView message, std::uint16_t messageLength,
                        MutableByteView out) const
{
    assert(message.size() >= 4 && out.size() >= integritySize(kind));
    EVP_MAC_CTX *context = d ? d->restarted(kind) : nullptr;
    if (!context)
        return false;
    std::array<std::uint8_t, 2> length{};
    writeUint16(length.data(), messageLength);
    std::size_t size = 0;
    return EVP_MAC_update(context, message.data(), 2)
        && EVP_MAC_update(context, length.data(), length.size())
        && EVP_MAC_update(context, message.data() + 4, message.size() - 4)
        && EVP_MAC_final(context, out.data(), &size, out.size()) && size == integritySize(kind);
}

bool IntegrityKey::verify(Integrity kind, ByteView message, std::uint16_t messageLength,
                          ByteView expected) const
{
    std::array<std::uint8_t, MaxDigestSize> computed{};
    return sign(kind, message, messageLength, computed)
        && isEqualInConstantTime(ByteView(computed).first(integritySize(kind)), expected);
}

std::array<std::uint8_t, 32> userHash(std::string_view username, std::string_view realm)
{
    std::array<std::uint8_t, MaxDigestSize> hash{};
    digest(EVP_sha256(), joined(username, realm), hash);
    return hash;
}

} // namespace peer::stun
