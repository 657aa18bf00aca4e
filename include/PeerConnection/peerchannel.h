// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEERCHANNEL_H
#define PEERCHANNEL_H

#include <PeerConnection/peerconnection_export.h>

#include <QtCore/qbytearray.h>
#include <QtCore/qobject.h>
#include <QtCore/qstring.h>

#include <memory>
#include <optional>

class PeerChannelPrivate;
class PeerConnectionPrivate;

class PEERCONNECTION_EXPORT PeerChannel : public QObject
{
    Q_OBJECT
    Q_PROPERTY(QString label READ label CONSTANT FINAL)
    Q_PROPERTY(QString protocol READ protocol CONSTANT FINAL)
    Q_PROPERTY(State state READ state NOTIFY stateChanged FINAL)
    Q_PROPERTY(qint64 bufferedAmount READ bufferedAmount FINAL)
    Q_PROPERTY(qint64 bufferedAmountLowThreshold READ bufferedAmountLowThreshold WRITE
                   setBufferedAmountLowThreshold FINAL)
    Q_PROPERTY(bool receivingPaused READ isReceivingPaused WRITE setReceivingPaused FINAL)

public:
    enum class State { Opening, Open, Closing, Closed };
    Q_ENUM(State)

    struct Options
    {
        QString protocol;
        bool ordered = true;
        std::optional<quint16> maxRetransmits;
        std::optional<quint16> maxLifetime;
        std::optional<quint16> negotiatedId;
    };

    static constexpr qint64 SendBufferSize = 4 * 1024 * 1024;
    static constexpr qint64 ReceiveBufferSize = 4 * 1024 * 1024;
    static constexpr qint64 MaxMessageSize = 256 * 1024;

    ~PeerChannel() override;

    QString label() const;
    QString protocol() const;
    bool isOrdered() const;
    std::optional<quint16> maxRetransmits() const;
    std::optional<quint16> maxLifetime() const;
    bool isReliable() const;
    qint64 maxMessageSize() const;
    State state() const;

    qint64 bufferedAmount() const;
    qint64 bufferedAmountLowThreshold() const;
    void setBufferedAmountLowThreshold(qint64 octets);
    bool isReceivingPaused() const;
    void setReceivingPaused(bool paused);

public Q_SLOTS:
    bool sendMessage(const QByteArray &message);
    bool sendText(const QString &text);
    void close();

Q_SIGNALS:
    void stateChanged(PeerChannel::State state);
    void opened();
    void messageReceived(const QByteArray &message);
    void textReceived(const QString &text);
    void bufferedAmountLow();
    void closed();

private:
    friend class PeerConnection;
    friend class PeerConnectionPrivate;
    explicit PeerChannel(std::unique_ptr<PeerChannelPrivate> dd, QObject *parent);

    std::unique_ptr<PeerChannelPrivate> d_ptr;
    Q_DECLARE_PRIVATE(PeerChannel)
    Q_DISABLE_COPY(PeerChannel)
};

#endif // PEERCHANNEL_H
