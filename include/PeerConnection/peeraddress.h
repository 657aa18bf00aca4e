// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEERADDRESS_H
#define PEERADDRESS_H

#include <PeerConnection/peerconnection_export.h>

#include <QtCore/qbytearray.h>
#include <QtCore/qlist.h>
#include <QtCore/qobjectdefs.h>
#include <QtCore/qshareddata.h>
#include <QtCore/qstring.h>
#include <QtCore/qstringlist.h>
#include <QtCore/qurl.h>

class PeerAddressData;
class QDebug;

class PEERCONNECTION_EXPORT PeerAddressError
{
    Q_GADGET
    Q_PROPERTY(Fault fault READ fault CONSTANT FINAL)
    Q_PROPERTY(int column READ column CONSTANT FINAL)
    Q_PROPERTY(QString message READ message CONSTANT FINAL)

public:
    enum class Fault {
        None,
        TooLong,
        ForbiddenCharacter,
        BadEncoding,
        BadScheme,
        PasswordGiven,
        BadName,
        BadHost,
        BadPort,
        BadService,
        UnknownParameter,
        RepeatedParameter,
        BadParameter,
        BadToken,
        InvalidUrl,
    };
    Q_ENUM(Fault)

    PeerAddressError() = default;
    PeerAddressError(Fault fault, int column, const QString &message)
        : m_message(message)
        , m_column(column)
        , m_fault(fault)
    { }

    explicit operator bool() const { return m_fault != Fault::None; }
    Fault fault() const { return m_fault; }
    int column() const { return m_column; }
    QString message() const { return m_message; }

    friend bool operator==(const PeerAddressError &left, const PeerAddressError &right)
    {
        return left.m_fault == right.m_fault && left.m_column == right.m_column
            && left.m_message == right.m_message;
    }
    friend bool operator!=(const PeerAddressError &left, const PeerAddressError &right)
    {
        return !(left == right);
    }

private:
    QString m_message;
    int m_column = 0;
    Fault m_fault = Fault::None;
};

class PEERCONNECTION_EXPORT PeerAddress
{
    Q_GADGET
    Q_PROPERTY(bool valid READ isValid CONSTANT FINAL)
    Q_PROPERTY(QString name READ name CONSTANT FINAL)
    Q_PROPERTY(QString host READ host CONSTANT FINAL)
    Q_PROPERTY(int port READ port CONSTANT FINAL)
    Q_PROPERTY(QString service READ service CONSTANT FINAL)
    Q_PROPERTY(QStringList ids READ ids CONSTANT FINAL)
    Q_PROPERTY(Paths paths READ paths CONSTANT FINAL)
    Q_PROPERTY(Tls tls READ tls CONSTANT FINAL)

public:
    enum class Paths { All, Direct, Relay, Tunnel };
    Q_ENUM(Paths)

    enum class Tls { Verified, Off, Pinned };
    Q_ENUM(Tls)

    enum class Format { WithoutToken, WithToken };
    Q_ENUM(Format)

    struct RendezvousHost
    {
        QString host;
        quint16 port = 443;

        friend bool operator==(const RendezvousHost &left, const RendezvousHost &right)
        {
            return left.host == right.host && left.port == right.port;
        }
        friend bool operator!=(const RendezvousHost &left, const RendezvousHost &right)
        {
            return !(left == right);
        }
    };

    static constexpr int MaximumLength = 512;

    PeerAddress();
    PeerAddress(const PeerAddress &other);
    PeerAddress(PeerAddress &&other) noexcept;
    PeerAddress &operator=(const PeerAddress &other);
    PeerAddress &operator=(PeerAddress &&other) noexcept;
    ~PeerAddress();

    static PeerAddress fromString(QStringView text, PeerAddressError *error = nullptr);
    static PeerAddress fromUrl(const QUrl &url, PeerAddressError *error = nullptr);

    bool isValid() const;
    QString toString(Format format = Format::WithoutToken) const;
    QUrl toUrl(Format format = Format::WithoutToken) const;

    QString name() const;
    bool setName(const QString &name);

    QString host() const;
    bool setHost(const QString &host);
    quint16 port() const;
    bool setPort(quint16 port);
    QList<RendezvousHost> rendezvousHosts() const;
    bool setFurtherRendezvousHosts(const QList<RendezvousHost> &hosts);
    bool isLoopback() const;

    QString service() const;
    bool setService(const QString &service);

    QStringList ids() const;
    bool setIds(const QStringList &ids);

    Paths paths() const;
    void setPaths(Paths paths);

    QStringList stunUris() const;
    bool setStunUris(const QStringList &uris);
    QStringList turnUris() const;
    bool setTurnUris(const QStringList &uris);

    Tls tls() const;
    QByteArray tlsPin() const;
    void setTlsVerified();
    void setTlsOff();
    bool setTlsPin(const QByteArray &digest);

    QString token() const;
    bool setToken(const QString &token);

    void swap(PeerAddress &other) noexcept { d.swap(other.d); }

    friend PEERCONNECTION_EXPORT bool operator==(const PeerAddress &left, const PeerAddress &right);
    friend bool operator!=(const PeerAddress &left, const PeerAddress &right)
    {
        return !(left == right);
    }

private:
    QSharedDataPointer<PeerAddressData> d;
};

Q_DECLARE_SHARED(PeerAddress)

PEERCONNECTION_EXPORT size_t qHash(const PeerAddress &address, size_t seed = 0) noexcept;

#ifndef QT_NO_DEBUG_STREAM
PEERCONNECTION_EXPORT QDebug operator<<(QDebug debug, const PeerAddress &address);
PEERCONNECTION_EXPORT QDebug operator<<(QDebug debug, const PeerAddressError &error);
#endif

#endif // PEERADDRESS_H
