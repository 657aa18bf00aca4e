// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include <PeerConnection/peeraddress.h>

#include <QtCore/qdebug.h>

/*!
    \class PeerAddressError
    \inmodule PeerConnection
    \brief The PeerAddressError class tells why a text is no PeerAddress.

    It converts to \c true if there is an error.
*/

/*!
    \enum PeerAddressError::Fault

    \value None No error.
    \value TooLong More than 512 octets of UTF-8, as given or in canonical form.
    \value ForbiddenCharacter A control character, a space or another character that a URI must
           not have.
    \value BadEncoding "%" without two hexadecimal digits behind it, or octets that are no UTF-8.
    \value BadScheme It does not begin with "peer://".
    \value PasswordGiven There is a ":" before the "@".
    \value BadName The name is empty, too long or has other than unreserved characters.
    \value BadHost The host is missing or is neither a name nor an address.
    \value BadPort The port is not a number from 1 to 65535 without leading zeros.
    \value BadService The service is too long or has other than unreserved characters.
    \value UnknownParameter A parameter that is unknown and does not begin with "x-".
    \value RepeatedParameter A parameter that may stand once stands twice.
    \value BadParameter The value of a parameter is missing or not as it must be.
    \value BadToken The token is empty, too long or has other than visible characters of ASCII.
    \value InvalidUrl The QUrl given is not valid; the message is QUrl's own.
*/

/*!
    \fn int PeerAddressError::column() const

    Returns where in the text the fault is: 1 for the first QChar, 0 if there is no telling. For a
    value that is percent-encoded it is where the value begins.
*/

/*!
    \fn QString PeerAddressError::message() const

    Returns a sentence for the user that names the fault. It never holds the token.
*/

#ifndef QT_NO_DEBUG_STREAM
/*!
    \relates PeerAddressError
*/
QDebug operator<<(QDebug debug, const PeerAddressError &error)
{
    QDebugStateSaver saver(debug);
    debug.nospace().noquote() << "PeerAddressError(" << error.fault() << ", column "
                              << error.column() << ", " << error.message() << ')';
    return debug;
}
#endif
