// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "rendezvous/namesfile.h"

#include <QtCore/qfile.h>
#include <QtCore/qsavefile.h>

namespace peer::rendezvous {

using namespace Qt::StringLiterals;

QString loadNames(NameStore &names, const QString &fileName)
{
    QFile file(fileName);
    if (!file.exists())
        return {};
    if (!file.open(QIODevice::ReadOnly)) {
        return "The names file %1 cannot be read: %2."_L1.arg(fileName, file.errorString());
    }
    const QString fault = names.readText(file.readAll());
    if (!fault.isEmpty()) {
        return "The names file %1 is damaged: %2 Repair it, or move it away to start without "
               "names."_L1.arg(fileName, fault);
    }
    return {};
}

QString saveNames(NameStore &names, const QString &fileName)
{
    QSaveFile file(fileName);
    if (file.open(QIODevice::WriteOnly) && file.write(names.toText()) >= 0 && file.commit()) {
        names.setSaved();
        return {};
    }
    return "The names file %1 cannot be written: %2."_L1.arg(fileName, file.errorString());
}

} // namespace peer::rendezvous
