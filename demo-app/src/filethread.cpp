// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "filethread.h"

using namespace Qt::StringLiterals;

namespace demo {

FileThread::FileThread()
{
    m_thread.setObjectName(u"files"_s);
    m_context.moveToThread(&m_thread);
    m_thread.start();
}

FileThread::~FileThread()
{
    // The last in the queue, so that everything before it is done.
    run([this] { m_thread.quit(); });
    m_thread.wait();
}

} // namespace demo
