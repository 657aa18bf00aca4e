// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_BASE_RESULT_H
#define PEER_BASE_RESULT_H

#include <cassert>
#include <utility>
#include <variant>

namespace peer {

/// Either a value or the reason why there is none. Parsers of network input return it and never
/// throw or assert. (std::expected is C++23.)
template<typename Value, typename Error>
class [[nodiscard]] Result
{
public:
    Result(Value value)
        : m_content(std::in_place_index<0>, std::move(value))
    { }
    Result(Error error)
        : m_content(std::in_place_index<1>, std::move(error))
    { }

    bool hasValue() const { return m_content.index() == 0; }
    explicit operator bool() const { return hasValue(); }

    const Value &value() const &
    {
        assert(hasValue());
        return *std::get_if<0>(&m_content);
    }
    Value &value() &
    {
        assert(hasValue());
        return *std::get_if<0>(&m_content);
    }
    Value &&value() &&
    {
        assert(hasValue());
        return std::move(*std::get_if<0>(&m_content));
    }
    const Error &error() const
    {
        assert(!hasValue());
        return *std::get_if<1>(&m_content);
    }

    const Value &operator*() const & { return value(); }
    Value &operator*() & { return value(); }
    const Value *operator->() const { return &value(); }
    Value *operator->() { return &value(); }

private:
    std::variant<Value, Error> m_content;
};

} // namespace peer

#endif // PEER_BASE_RESULT_H
