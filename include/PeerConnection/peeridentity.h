// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEERIDENTITY_H
#define PEERIDENTITY_H

#include <PeerConnection/peerconnection_export.h>

#include <QtCore/qobjectdefs.h>
#include <QtCore/qshareddata.h>
#include <QtCore/qstring.h>

class QDebug;
class PeerIdentityData;

class PEERCONNECTION_EXPORT PeerIdentity
{
    Q_GADGET
    Q_PROPERTY(QString id READ id CONSTANT FINAL)
    Q_PROPERTY(bool isNull READ isNull CONSTANT FINAL)

public:
    PeerIdentity();
    PeerIdentity(const PeerIdentity &other);
    PeerIdentity(PeerIdentity &&other) noexcept;
    PeerIdentity &operator=(const PeerIdentity &other);
    PeerIdentity &operator=(PeerIdentity &&other) noexcept;
    ~PeerIdentity();

    static PeerIdentity create();
    static PeerIdentity load(const QString &fileName, QString *errorString = nullptr);
    static PeerIdentity loadOrCreate(const QString &fileName, QString *errorString = nullptr);
    bool save(const QString &fileName, QString *errorString = nullptr) const;

    bool isNull() const;
    QString id() const;

    friend PEERCONNECTION_EXPORT bool operator==(const PeerIdentity &left,
                                                 const PeerIdentity &right);
    friend bool operator!=(const PeerIdentity &left, const PeerIdentity &right)
    {
        return !(left == right);
    }

private:
    friend class PeerIdentityData;
    QSharedDataPointer<PeerIdentityData> d;
};

#ifndef QT_NO_DEBUG_STREAM
PEERCONNECTION_EXPORT QDebug operator<<(QDebug debug, const PeerIdentity &identity);
#endif

#endif // PEERIDENTITY_H
