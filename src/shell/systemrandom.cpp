// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "shell/systemrandom.h"

#include <QtCore/qrandom.h>

#include <algorithm>
#include <cstring>

namespace peer {

namespace {

void fillFromSystem(MutableByteView out)
{
    std::array<quint32, 64> words{};
    while (!out.empty()) {
        const std::size_t octets = std::min(out.size(), sizeof words);
        QRandomGenerator::system()->fillRange(words.data(), qsizetype((octets + 3) / 4));
        std::memcpy(out.data(), words.data(), octets);
        out = out.subspan(octets);
    }
}

} // namespace

SystemRandom::~SystemRandom()
{
    // volatile, for a plain fill of an object that ends here may be optimised away.
    volatile std::uint8_t *octet = m_buffer.data();
    for (std::size_t at = 0; at < m_buffer.size(); ++at)
        octet[at] = 0;
}

void SystemRandom::fill(MutableByteView out)
{
    if (out.size() > m_buffer.size() / 4) {
        fillFromSystem(out);
        return;
    }
    if (m_left < out.size()) {
        fillFromSystem(m_buffer);
        m_left = m_buffer.size();
    }
    const auto from = m_buffer.end() - static_cast<std::ptrdiff_t>(m_left);
    const auto to = from + static_cast<std::ptrdiff_t>(out.size());
    std::copy(from, to, out.begin());
    std::fill(from, to, std::uint8_t{0});
    m_left -= out.size();
}

} // namespace peer
