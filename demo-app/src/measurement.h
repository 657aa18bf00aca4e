// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef DEMO_MEASUREMENT_H
#define DEMO_MEASUREMENT_H

#include "commandline.h"

#include <PeerConnection/PeerMediaStatistics>
#include <PeerConnection/PeerStatistics>

#include <QtCore/qdatetime.h>
#include <QtCore/qelapsedtimer.h>
#include <QtCore/qjsonobject.h>
#include <QtCore/qobject.h>
#include <QtCore/qtimer.h>

class QImage;
class QQuickWindow;

namespace demo {

class CallSession;
class Phone;

/// What was seen and heard in a call, from the first picture on, and whether that is a call.
struct Figures
{
    // What makes a call of ten seconds; for others in proportion.
    static constexpr int PicturesIn10s = 150;
    static constexpr int TonesIn10s = 400;
    static constexpr QSize PictureSize{640, 360};

    int seconds = 0;
    bool isCaller = false;
    /// The peer sends the test picture; of a film, or of another program's camera, there are no ids
    /// and no tone to look for.
    bool isTest = true;
    bool isSilent = false; ///< the film has no sound
    QString path;
    double roundTrip = 0;       ///< milliseconds
    qint64 firstPicture = -1;   ///< milliseconds since dialling, or since it rang
    int expectedSender = -1;    ///< PeerMediaStatistics::testSender by the peer's proven identity
    PeerMediaStatistics media;  ///< at the end
    PeerMediaStatistics before; ///< when the first picture had come
    double delay = -1;          ///< milliseconds from painting to display, the mean
    double bitrateIn = 0;       ///< bits a second
    double bitrateOut = 0;
    double processor = 0;        ///< of one core, from 0 on
    bool isPictureShown = false; ///< what the window shows is what was decoded

    quint64 pictures() const;
    /// Those that came, not those that were made up for them.
    quint64 sounds() const;
    /// What lacks to a call, a sentence each; empty if it is one.
    QStringList faults() const;
    QJsonObject toJson() const;
    /// A line for each figure.
    QString toText() const;
};

/// Whether the area of a window shows the picture, scaled to fit: most of what is compared is
/// alike, whatever lies on top of it.
bool showsPicture(const QImage &area, const QImage &picture);

/// Watches the first call: from its first picture on for so many seconds, then leaves figures and a
/// screenshot as the options say, hangs up, and tells that it is done. Where the other side measures
/// too, which may have seen its first picture later, hanging up waits until both have finished.
class Measurement : public QObject
{
    Q_OBJECT

public:
    /// All outlive this. The window has an item "remoteVideo".
    Measurement(Phone *phone, QQuickWindow *window, const CommandLine &options,
                QObject *parent = nullptr);

    const Figures &figures() const { return m_figures; }
    /// Whether what there was to measure has been measured, and written.
    bool isFinished() const { return m_isFinished; }
    bool isGood() const { return m_isWritten && m_figures.faults().isEmpty(); }

Q_SIGNALS:
    void done();

private:
    void takeCall();
    void look();
    void begin(const PeerMediaStatistics &media);
    void sample(const PeerMediaStatistics &media);
    void finish();
    bool write();
    void hangUpIfBothAreDone();

    Phone *m_phone;
    QQuickWindow *m_window;
    CommandLine m_options;
    Figures m_figures;
    QTimer m_looking;
    QTimer m_limit;
    QDateTime m_callTime;
    QElapsedTimer m_sincePicture;
    PeerStatistics m_before;
    double m_processorBefore = 0;
    double m_delays = 0;
    int m_samples = 0;
    bool m_isFinished = false;
    bool m_isPeerDone = false;
    bool m_isWritten = false;
};

} // namespace demo

#endif // DEMO_MEASUREMENT_H
