// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "rendezvous/callpage.h"

#include <QtCore/qfile.h>

/// In a static library resources are there only if somebody asks for them. (The macro wants no
/// namespace around it.)
static void loadCallPage()
{
    Q_INIT_RESOURCE(callpage);
}

namespace peer::rendezvous {

namespace {

struct PageFile
{
    const char *path;
    const char *resource;
    const char *type;
};

constexpr PageFile files[] = {
    {"/", "index.html", "text/html; charset=utf-8"},
    {"/call.js", "call.js", "text/javascript; charset=utf-8"},
    {"/talk.js", "talk.js", "text/javascript; charset=utf-8"},
    {"/call.css", "call.css", "text/css; charset=utf-8"},
    {"/peerconnection.js", "peerconnection.js", "text/javascript; charset=utf-8"},
};

/// Scripts and styles are the page's own files alone. Peers may be at other rendezvous hosts; plain
/// ones are for the same machine. (CSP level 3, sections 6.1 and 6.7; Permissions Policy.)
constexpr char Fields[] =
    "Content-Security-Policy: default-src 'none'; script-src 'self'; style-src 'self'; "
    "img-src data:; connect-src 'self' wss: ws://127.0.0.1:* ws://localhost:*; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; "
    "trusted-types 'none'\r\n"
    "Permissions-Policy: camera=(self), microphone=(self), geolocation=(), usb=(), payment=()\r\n"
    "Cross-Origin-Opener-Policy: same-origin\r\n"
    "Cross-Origin-Resource-Policy: same-origin\r\n"
    "X-Content-Type-Options: nosniff\r\n"
    "Referrer-Policy: no-referrer\r\n";

} // namespace

std::optional<HttpPage> callPage(const QByteArray &path)
{
    loadCallPage();
    for (const PageFile &each : files) {
        if (path != each.path)
            continue;
        QFile file(QLatin1StringView(":/peer-rendezvous/") + QLatin1StringView(each.resource));
        if (!file.open(QIODevice::ReadOnly))
            return std::nullopt;
        return HttpPage{file.readAll(), each.type, Fields};
    }
    return std::nullopt;
}

} // namespace peer::rendezvous
