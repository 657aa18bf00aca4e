// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "core/sdp/grammar.h"

#include <algorithm>
#include <charconv>

namespace peer::sdp {

namespace {

bool isLetter(char octet)
{
    return (octet >= 'a' && octet <= 'z') || (octet >= 'A' && octet <= 'Z');
}

char lowered(char octet)
{
    return octet >= 'A' && octet <= 'Z' ? static_cast<char>(octet - 'A' + 'a') : octet;
}

template<typename Predicate>
bool consistsOf(std::string_view text, std::size_t shortest, std::size_t longest, Predicate allowed)
{
    return text.size() >= shortest && text.size() <= longest
        && std::all_of(text.begin(), text.end(), allowed);
}

} // namespace

std::string_view Words::next()
{
    const std::size_t begin = std::min(m_rest.find_first_not_of(' '), m_rest.size());
    const std::size_t end = std::min(m_rest.find(' ', begin), m_rest.size());
    const std::string_view word = m_rest.substr(begin, end - begin);
    m_rest.remove_prefix(end);
    return word;
}

std::string_view Words::rest() const
{
    const std::size_t begin = m_rest.find_first_not_of(' ');
    if (begin == std::string_view::npos)
        return {};
    return m_rest.substr(begin, m_rest.find_last_not_of(' ') - begin + 1);
}

Split splitAt(std::string_view text, char separator)
{
    const std::size_t at = text.find(separator);
    if (at == std::string_view::npos)
        return {text, {}, false};
    return {text.substr(0, at), text.substr(at + 1), true};
}

std::optional<std::uint64_t> parseNumber(std::string_view text, std::uint64_t largest)
{
    std::uint64_t value = 0;
    const char *end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, value);
    if (text.empty() || error != std::errc() || stop != end || value > largest)
        return std::nullopt;
    return value;
}

bool isToken(std::string_view text, std::size_t longest)
{
    constexpr std::string_view separators = "\"(),/:;<=>?@[\\]";
    return consistsOf(text, 1, longest, [&](char octet) {
        return octet > ' ' && octet < 0x7f && separators.find(octet) == std::string_view::npos;
    });
}

bool isIceText(std::string_view text, std::size_t shortest, std::size_t longest)
{
    return consistsOf(text, shortest, longest, [](char octet) {
        return isLetter(octet) || isDigit(octet) || octet == '+' || octet == '/';
    });
}

bool isBase64Url(std::string_view text, std::size_t longest)
{
    return consistsOf(text, 1, longest, [](char octet) {
        return isLetter(octet) || isDigit(octet) || octet == '-' || octet == '_';
    });
}

bool isPlainText(std::string_view text, std::size_t longest)
{
    return consistsOf(text, 1, longest, [](char octet) { return !isControl(octet); });
}

bool isHostName(std::string_view text)
{
    if (text.empty() || text.size() > 253)
        return false;
    std::string_view label;
    for (Split parts = splitAt(text, '.');; parts = splitAt(parts.tail, '.')) {
        label = parts.head;
        const bool isLabel = consistsOf(label, 1, 63, [](char octet) {
            return isLetter(octet) || isDigit(octet) || octet == '-' || octet == '_';
        });
        if (!isLabel)
            return false;
        if (!parts.isSplit)
            break;
    }
    return !std::all_of(label.begin(), label.end(), isDigit);
}

bool equalsIgnoringCase(std::string_view left, std::string_view right)
{
    return left.size() == right.size()
        && std::equal(left.begin(), left.end(), right.begin(),
                      [](char one, char other) { return lowered(one) == lowered(other); });
}

bool isControl(char octet)
{
    return static_cast<unsigned char>(octet) < 0x20 || octet == 0x7f;
}

bool isDigit(char octet)
{
    return octet >= '0' && octet <= '9';
}

} // namespace peer::sdp
