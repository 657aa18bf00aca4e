// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef DEMO_PHONE_H
#define DEMO_PHONE_H

#include "callsession.h"
#include "commandline.h"
#include "filethread.h"
#include "ownaddress.h"
#include "recentpeople.h"

#include <QtCore/qobject.h>
#include <QtCore/qpointer.h>
#include <QtQml/qqmlregistration.h>

#include <memory>

namespace demo {

/// The whole program but its window: our address, the people, and at most one call.
///
/// Two who call each other at the same moment have two calls on their way, of which one is to be
/// had: that of the one whose identity is lower, as text. The other one gives up its own and answers
/// at once, for its user wants to talk. Each knows both identities, so neither has to ask; and who
/// is lower keeps the other's call until the own one was answered, in case that does not arrive.
class Phone : public QObject
{
    Q_OBJECT
    QML_ELEMENT
    QML_UNCREATABLE("made by main()")
    Q_PROPERTY(demo::OwnAddress *own READ own CONSTANT FINAL)
    Q_PROPERTY(demo::RecentPeople *people READ people CONSTANT FINAL)
    Q_PROPERTY(demo::CallSession *call READ call NOTIFY callChanged FINAL)
    Q_PROPERTY(bool ringing READ isRinging NOTIFY ringingChanged FINAL)
    Q_PROPERTY(QString troubleTitle READ troubleTitle NOTIFY troubleChanged FINAL)
    Q_PROPERTY(QString troubleAdvice READ troubleAdvice NOTIFY troubleChanged FINAL)
    Q_PROPERTY(QString troubleDetail READ troubleDetail NOTIFY troubleChanged FINAL)

public:
    explicit Phone(const CommandLine &options, QObject *parent = nullptr);
    ~Phone() override;

    /// Makes us reachable.
    void start();

    OwnAddress *own() { return &m_own; }
    RecentPeople *people() { return &m_people; }
    /// Null while there is none.
    CallSession *call() { return m_call.get(); }

    /// Somebody calls, and the user is waited for.
    bool isRinging() const { return m_isRinging; }

    /// Why the last call ended, if it was not by hanging up; empty otherwise.
    QString troubleTitle() const { return m_troubleTitle; }
    QString troubleAdvice() const { return m_troubleAdvice; }
    /// For those who look after networks.
    QString troubleDetail() const { return m_troubleDetail; }

    /// Calls what somebody typed or pasted. False, with trouble, if it is no address.
    Q_INVOKABLE bool dial(const QString &address);
    Q_INVOKABLE void dismissTrouble();

Q_SIGNALS:
    void callChanged();
    void ringingChanged();
    void troubleChanged();
    void callEnded();

private:
    void takeCall(PeerConnection *connection);
    bool isOfWhomWeCall(const PeerConnection &incoming) const;
    void keepCrossing(PeerConnection *incoming);
    void answer(PeerConnection *incoming);
    void updateRinging();
    void begin(std::unique_ptr<CallSession> call);
    void noteTalking();
    void end();
    void setTrouble(const QString &title, const QString &advice, const QString &detail);

    CommandLine m_options;
    FileThread m_files;
    OwnAddress m_own;
    RecentPeople m_people;
    std::unique_ptr<CallSession> m_call;
    /// Of the one whom we are calling, while it is not sure yet that ours arrives.
    QPointer<PeerConnection> m_crossing;
    bool m_isRinging = false;
    QString m_troubleTitle;
    QString m_troubleAdvice;
    QString m_troubleDetail;
};

} // namespace demo

#endif // DEMO_PHONE_H
