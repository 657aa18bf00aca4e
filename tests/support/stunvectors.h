// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_TESTS_STUNVECTORS_H
#define PEER_TESTS_STUNVECTORS_H

/// The messages that RFC 5769 and RFC 8489 print, as hexadecimal digits.
namespace stunvectors {

/// RFC 5769 section 2.1: a check of ICE. Its padding is spaces.
inline constexpr char Request[] = "000100582112a442b7e7a701bc34d686fa87dfae"
                                  "802200105354554e207465737420636c69656e74"
                                  "002400046e0001ff"
                                  "80290008932ff9b151263b36"
                                  "000600096576746a3a68367659202020"
                                  "000800149aeaa70cbfd8cb56781ef2b5b2d3f249c1b571a2"
                                  "80280004e57a3bcf";
/// Section 2.2: the response with an IPv4 address.
inline constexpr char ResponseV4[] = "0101003c2112a442b7e7a701bc34d686fa87dfae"
                                     "8022000b7465737420766563746f7220"
                                     "002000080001a147e112a643"
                                     "000800142b91f599fd9e90c38c7489f92af9ba53f06be7d7"
                                     "80280004c07d4c96";
/// Section 2.3: the response with an IPv6 address.
inline constexpr char ResponseV6[] = "010100482112a442b7e7a701bc34d686fa87dfae"
                                     "8022000b7465737420766563746f7220"
                                     "002000140002a1470113a9faa5d3f179bc25f4b5bed2b9d9"
                                     "00080014a382954e4be67bf11784c97c8292c275bfe3ed41"
                                     "80280004c8fb0b4c";
/// Of the three above.
inline constexpr char ShortTermPassword[] = "VOkJxbRl1RmTxUk/WvJxBt";

/// Section 2.4: long-term credentials, zero padding. The text of the RFC writes one octet of the
/// user name wrongly in places; these octets are those that the HMAC was made of.
inline constexpr char LongTermRequest[] =
    "000100602112a44278ad3433c6ad72c029da412e"
    "00060012e3839ee38388e383aae38383e382afe382b90000"
    "0015001c662f2f3439396b39353464364f4c33346f4c39465354767936347341"
    "0014000b6578616d706c652e6f726700"
    "00080014f67024656dd64a3e02b8e0712e85c9a28ca89666";
/// RFC 8489 appendix B.1 with erratum 6268: the length and the HMAC that the RFC prints are wrong.
inline constexpr char LongTermSha256Request[] =
    "000100902112a44278ad3433c6ad72c029da412e"
    "001e00204a3cf38fef6992bda952c6780417da0f24819415569e60b205c46e41407f1704"
    "001500296f624d61744a6f733241414143662f2f3439396b39353464364f4c33346f4c39465354767936347341"
    "000000"
    "0014000b6578616d706c652e6f726700"
    "001d000400020000"
    "001c0020b5c7bf005b6c52a21c51c5e892f81924136296cb927c43149309278cc6518e65";
/// Of the two above; the password after SASLprep and OpaqueString respectively.
inline constexpr char LongTermUser[] = "\u30DE\u30C8\u30EA\u30C3\u30AF\u30B9";
inline constexpr char LongTermRealm[] = "example.org";
inline constexpr char LongTermPassword[] = "TheMatrIX";

} // namespace stunvectors

#endif // PEER_TESTS_STUNVECTORS_H
