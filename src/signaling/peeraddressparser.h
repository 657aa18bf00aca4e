// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_SIGNALING_PEERADDRESSPARSER_H
#define PEER_SIGNALING_PEERADDRESSPARSER_H

#include "signaling/peeraddress_p.h"

namespace peer {

/// Reads an address from left to right and stops at the first fault. Works on the raw text: QUrl
/// would have repaired it.
class PeerAddressParser
{
public:
    /// Either data or error is whole afterwards; true = data.
    static bool parse(QStringView text, PeerAddressData &data, PeerAddressError &error);

private:
    using Fault = PeerAddressError::Fault;
    /// A part of the text and where it begins.
    struct Part
    {
        QStringView text;
        qsizetype at = 0;

        Part mid(qsizetype from, qsizetype length = -1) const
        {
            return {text.mid(from, length), at + from};
        }
    };

    PeerAddressParser(PeerAddressData &data, PeerAddressError &error)
        : m_data(data)
        , m_error(error)
    { }

    bool parseWhole(QStringView text);
    bool checkCharacters(QStringView text);
    bool parseScheme(Part &rest);
    bool parseAuthority(Part authority);
    bool parseName(Part userInfo);
    bool parseService(Part path);
    bool parseQuery(Part query);
    bool parseParameter(Part parameter);
    bool parsePaths(const QString &value, qsizetype at);
    bool parseTls(const QString &value, qsizetype at);
    bool parseRendezvous(const QString &value, qsizetype at);
    bool parseId(const QString &value, qsizetype at);
    bool parseServer(const QString &value, qsizetype at, bool isTurn);
    bool parseToken(Part fragment);

    /// Notes the fault at an index of the text and returns false.
    bool fail(Fault fault, qsizetype at, const QString &message);

    PeerAddressData &m_data;
    PeerAddressError &m_error;
    bool m_hasPaths = false;
    bool m_hasTls = false;
};

} // namespace peer

#endif // PEER_SIGNALING_PEERADDRESSPARSER_H
