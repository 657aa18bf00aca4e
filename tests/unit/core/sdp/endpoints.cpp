// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "endpoints.h"

namespace endpoints {

namespace {

QByteArray withCrlf(const char *text)
{
    return QByteArray(text).replace('\n', "\r\n");
}

} // namespace

QByteArray chromiumDataOffer()
{
    return withCrlf(R"(v=0
o=- 4611731400430051336 2 IN IP4 127.0.0.1
s=-
t=0 0
a=group:BUNDLE 0
a=extmap-allow-mixed
a=msid-semantic: WMS
m=application 46243 UDP/DTLS/SCTP webrtc-datachannel
c=IN IP4 203.0.113.9
a=candidate:1876313031 1 udp 2113937151 0b7fb6ae-2c4e-4b9c-9f0c-3b7f5d7c8a11.local 46243 typ host generation 0 network-cost 999
a=candidate:842163049 1 udp 1677729535 203.0.113.9 46243 typ srflx raddr 0.0.0.0 rport 0 generation 0 network-cost 999
a=ice-ufrag:hF6s
a=ice-pwd:KhbKYbs2nSMqbbXq8Uiqgu1M
a=ice-options:trickle
a=fingerprint:sha-256 4A:AD:B9:B1:3F:82:18:3B:54:02:12:DF:3E:5D:49:6B:19:E5:7C:AB:3C:4B:65:2E:7D:46:3F:54:42:CD:54:F1
a=setup:actpass
a=mid:0
a=sctp-port:5000
a=max-message-size:262144
)");
}

QByteArray chromiumCallOffer()
{
    return withCrlf(R"(v=0
o=- 8403617646083498431 2 IN IP4 127.0.0.1
s=-
t=0 0
a=group:BUNDLE 0 1 2
a=extmap-allow-mixed
a=msid-semantic: WMS 9f1c3f57-3d7d-43b1-8ae4-0c2a6f2f4b10
m=audio 9 UDP/TLS/RTP/SAVPF 111 63 9 0 8 13 110 126
c=IN IP4 0.0.0.0
a=rtcp:9 IN IP4 0.0.0.0
a=ice-ufrag:Xz4q
a=ice-pwd:tQ3nPy7qR0aK8m2sLw5vZc1u
a=ice-options:trickle
a=fingerprint:sha-256 4A:AD:B9:B1:3F:82:18:3B:54:02:12:DF:3E:5D:49:6B:19:E5:7C:AB:3C:4B:65:2E:7D:46:3F:54:42:CD:54:F1
a=setup:actpass
a=mid:0
a=extmap:1 urn:ietf:params:rtp-hdrext:ssrc-audio-level
a=extmap:2 http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time
a=extmap:3 http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01
a=extmap:4 urn:ietf:params:rtp-hdrext:sdes:mid
a=sendrecv
a=msid:9f1c3f57-3d7d-43b1-8ae4-0c2a6f2f4b10 5e0b7f0d-7a3f-4d0c-b5b6-0f6a4a2e1c55
a=rtcp-mux
a=rtcp-rsize
a=rtpmap:111 opus/48000/2
a=rtcp-fb:111 transport-cc
a=fmtp:111 minptime=10;useinbandfec=1
a=rtpmap:63 red/48000/2
a=fmtp:63 111/111
a=rtpmap:9 G722/8000
a=rtpmap:0 PCMU/8000
a=rtpmap:8 PCMA/8000
a=rtpmap:13 CN/8000
a=rtpmap:110 telephone-event/48000
a=rtpmap:126 telephone-event/8000
a=ssrc:1399094210 cname:H3kd/Ok5Xm0Pq7vT
a=ssrc:1399094210 msid:9f1c3f57-3d7d-43b1-8ae4-0c2a6f2f4b10 5e0b7f0d-7a3f-4d0c-b5b6-0f6a4a2e1c55
m=video 9 UDP/TLS/RTP/SAVPF 96 97 103 104
c=IN IP4 0.0.0.0
a=rtcp:9 IN IP4 0.0.0.0
a=ice-ufrag:Xz4q
a=ice-pwd:tQ3nPy7qR0aK8m2sLw5vZc1u
a=ice-options:trickle
a=fingerprint:sha-256 4A:AD:B9:B1:3F:82:18:3B:54:02:12:DF:3E:5D:49:6B:19:E5:7C:AB:3C:4B:65:2E:7D:46:3F:54:42:CD:54:F1
a=setup:actpass
a=mid:1
a=extmap:14 urn:ietf:params:rtp-hdrext:toffset
a=extmap:3 http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01
a=extmap:13 urn:3gpp:video-orientation
a=sendonly
a=msid:9f1c3f57-3d7d-43b1-8ae4-0c2a6f2f4b10 b8a1f2b4-6c55-4e29-a8d4-3a3f4e0a9b77
a=rtcp-mux
a=rtcp-rsize
a=rtpmap:96 VP8/90000
a=rtcp-fb:96 goog-remb
a=rtcp-fb:96 transport-cc
a=rtcp-fb:96 ccm fir
a=rtcp-fb:96 nack
a=rtcp-fb:96 nack pli
a=rtpmap:97 rtx/90000
a=fmtp:97 apt=96
a=rtpmap:103 H264/90000
a=rtcp-fb:103 nack
a=fmtp:103 level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42001f
a=rtpmap:104 rtx/90000
a=fmtp:104 apt=103
a=ssrc-group:FID 3463951252 1461041037
a=ssrc:3463951252 cname:H3kd/Ok5Xm0Pq7vT
a=ssrc:3463951252 msid:9f1c3f57-3d7d-43b1-8ae4-0c2a6f2f4b10 b8a1f2b4-6c55-4e29-a8d4-3a3f4e0a9b77
a=ssrc:1461041037 cname:H3kd/Ok5Xm0Pq7vT
a=ssrc:1461041037 msid:9f1c3f57-3d7d-43b1-8ae4-0c2a6f2f4b10 b8a1f2b4-6c55-4e29-a8d4-3a3f4e0a9b77
m=application 9 UDP/DTLS/SCTP webrtc-datachannel
c=IN IP4 0.0.0.0
a=ice-ufrag:Xz4q
a=ice-pwd:tQ3nPy7qR0aK8m2sLw5vZc1u
a=ice-options:trickle
a=fingerprint:sha-256 4A:AD:B9:B1:3F:82:18:3B:54:02:12:DF:3E:5D:49:6B:19:E5:7C:AB:3C:4B:65:2E:7D:46:3F:54:42:CD:54:F1
a=setup:actpass
a=mid:2
a=sctp-port:5000
a=max-message-size:262144
)");
}

QByteArray firefoxDataOffer()
{
    return withCrlf(R"(v=0
o=mozilla...THIS_IS_SDPARTA-99.0 4962303333179871722 0 IN IP4 0.0.0.0
s=-
t=0 0
a=sendrecv
a=fingerprint:sha-256 9B:2C:11:90:77:5E:1F:A0:63:8D:A4:0C:4B:E1:52:F3:96:DB:73:2E:88:C4:10:5D:7F:B6:E9:04:3A:68:CD:21
a=group:BUNDLE 0
a=ice-options:trickle
a=msid-semantic:WMS *
m=application 50001 UDP/DTLS/SCTP webrtc-datachannel
c=IN IP4 203.0.113.77
a=candidate:0 1 UDP 2122252543 2b5a1c5e-7c11-4c33-8a3f-6d4f8c1d9e70.local 50001 typ host
a=candidate:1 1 TCP 2105524479 2b5a1c5e-7c11-4c33-8a3f-6d4f8c1d9e70.local 9 typ host tcptype active
a=candidate:2 1 UDP 1686052863 203.0.113.77 50001 typ srflx raddr 0.0.0.0 rport 0
a=sendrecv
a=end-of-candidates
a=ice-pwd:5d8a8c5b3c3a7a4f9f2d8a8e6b1c0d7e
a=ice-ufrag:8d3f2a61
a=mid:0
a=setup:actpass
a=sctp-port:5000
a=max-message-size:1073741823
)");
}

QByteArray firefoxCallAnswer()
{
    return withCrlf(R"(v=0
o=mozilla...THIS_IS_SDPARTA-99.0 1706235842118764051 0 IN IP4 0.0.0.0
s=-
t=0 0
a=fingerprint:sha-256 9B:2C:11:90:77:5E:1F:A0:63:8D:A4:0C:4B:E1:52:F3:96:DB:73:2E:88:C4:10:5D:7F:B6:E9:04:3A:68:CD:21
a=group:BUNDLE 0 1
a=ice-options:trickle
a=msid-semantic:WMS *
m=audio 9 UDP/TLS/RTP/SAVPF 111 126
c=IN IP4 0.0.0.0
a=recvonly
a=extmap:1 urn:ietf:params:rtp-hdrext:ssrc-audio-level
a=extmap:4 urn:ietf:params:rtp-hdrext:sdes:mid
a=fmtp:111 maxplaybackrate=48000;stereo=1;useinbandfec=1
a=fmtp:126 0-15
a=ice-pwd:5d8a8c5b3c3a7a4f9f2d8a8e6b1c0d7e
a=ice-ufrag:8d3f2a61
a=mid:0
a=rtcp-mux
a=rtpmap:111 opus/48000/2
a=rtpmap:126 telephone-event/8000
a=setup:active
a=ssrc:2655508255 cname:{735484ea-4f6c-f74a-bd66-7425f8476c2e}
m=video 9 UDP/TLS/RTP/SAVPF 96 97
c=IN IP4 0.0.0.0
a=sendrecv
a=extmap:3/recvonly http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01
a=fmtp:96 max-fs=12288;max-fr=60
a=fmtp:97 apt=96
a=ice-pwd:5d8a8c5b3c3a7a4f9f2d8a8e6b1c0d7e
a=ice-ufrag:8d3f2a61
a=mid:1
a=msid:{1d8c9d2f-77d2-4a39-9c4e-2f9bd7d6d0a1} {4f1b2c3d-0a9b-4c8d-8e7f-6a5b4c3d2e1f}
a=rtcp-fb:96 nack
a=rtcp-fb:96 nack pli
a=rtcp-fb:96 ccm fir
a=rtcp-fb:96 goog-remb
a=rtcp-fb:96 transport-cc
a=rtcp-mux
a=rtcp-rsize
a=rtpmap:96 VP8/90000
a=rtpmap:97 rtx/90000
a=setup:active
a=ssrc:1002017738 cname:{735484ea-4f6c-f74a-bd66-7425f8476c2e}
)");
}

QByteArray libdatachannelOffer()
{
    return withCrlf(R"(v=0
o=rtc 3193045732 0 IN IP4 127.0.0.1
s=-
t=0 0
a=group:BUNDLE 0
a=group:LS 0
a=msid-semantic:WMS *
a=ice-options:ice2,trickle
a=fingerprint:sha-256 21:0F:5B:CE:71:3C:62:90:A7:48:0D:F6:5A:3E:84:19:BB:2D:E7:45:C8:10:9F:76:D3:02:6E:8B:94:AF:37:C1
m=application 9 UDP/DTLS/SCTP webrtc-datachannel
c=IN IP4 0.0.0.0
a=bundle-only
a=sendrecv
a=ice-ufrag:7n3L
a=ice-pwd:9fpUhlZ1XQ1R0h5uBz8yJm
a=mid:0
a=setup:actpass
a=sctp-port:5000
a=max-message-size:262144
)");
}

QByteArray aiortcAnswer()
{
    return withCrlf(R"(v=0
o=- 3912345678 3912345678 IN IP4 0.0.0.0
s=-
t=0 0
a=group:BUNDLE 0
a=msid-semantic:WMS *
m=application 33333 UDP/DTLS/SCTP webrtc-datachannel
c=IN IP4 10.0.0.2
a=mid:0
a=sctp-port:5000
a=max-message-size:65536
a=candidate:61e6d5d6f56a3b2ee3ad2b4ab7a3ed1c 1 udp 2130706431 10.0.0.2 33333 typ host
a=candidate:0b1c2d3e4f5061728394a5b6c7d8e9fa 1 udp 1694498815 203.0.113.40 33333 typ srflx raddr 10.0.0.2 rport 33333
a=end-of-candidates
a=ice-ufrag:u7Gd
a=ice-pwd:9nC4w1LqT0kX5sVbZ2mYpR
a=fingerprint:sha-256 0D:7E:33:C5:80:1A:9B:64:F2:48:6D:B0:57:EE:21:95:3C:A8:7F:14:D6:60:BE:09:72:CB:38:81:E4:5F:16:AD
a=fingerprint:sha-384 0D:7E:33:C5:80:1A:9B:64:F2:48:6D:B0:57:EE:21:95:3C:A8:7F:14:D6:60:BE:09:72:CB:38:81:E4:5F:16:AD:01:02:03:04:05:06:07:08:09:0A:0B:0C:0D:0E:0F:10
a=setup:active
)");
}

QByteArray pionOffer()
{
    return withCrlf(R"(v=0
o=- 5690383383141857237 1700000000 IN IP4 0.0.0.0
s=-
t=0 0
a=msid-semantic:WMS*
a=fingerprint:sha-256 C1:7A:06:3F:92:D8:5B:E4:20:B7:6C:11:FA:8E:43:D5:09:72:AC:36:EB:58:84:1D:F7:60:2B:9C:45:CE:03:8A
a=extmap-allow-mixed
a=group:BUNDLE 0
m=application 9 UDP/DTLS/SCTP webrtc-datachannel
c=IN IP4 0.0.0.0
a=setup:actpass
a=mid:0
a=sendrecv
a=sctp-port:5000
a=max-message-size:1073741823
a=ice-ufrag:tWbSmqXnBvZrYkLp
a=ice-pwd:QeRtYuIoPaSdFgHjKlZxCvBnMqWeRtYu
a=candidate:1966762134 1 udp 2130706431 172.17.0.2 40320 typ host
a=candidate:1966762134 2 udp 2130706431 172.17.0.2 40320 typ host
a=end-of-candidates
)");
}

QByteArray webrtcNodeAnswer()
{
    return withCrlf(R"(v=0
o=- 7729014820937261045 2 IN IP4 127.0.0.1
s=-
t=0 0
a=group:BUNDLE 0
a=extmap-allow-mixed
a=msid-semantic: WMS
m=application 9 UDP/DTLS/SCTP webrtc-datachannel
c=IN IP4 0.0.0.0
b=AS:30
a=ice-ufrag:0d1F
a=ice-pwd:y3kU9wXj5ZpQ0eTg7BnVrLsM
a=ice-options:trickle
a=fingerprint:sha-256 77:0A:9E:D3:4C:15:B8:62:F1:3D:86:C0:5A:E7:29:94:0B:DE:71:A5:48:FC:33:80:6D:C9:12:5E:B4:97:E0:2F
a=setup:active
a=mid:0
a=sctp-port:5000
a=max-message-size:262144
)");
}

QByteArray iceLiteServerOffer()
{
    return withCrlf(R"(v=0
o=server 10000 2 IN IP4 0.0.0.0
s=-
t=0 0
a=ice-lite
a=fingerprint:sha-256 AB:36:70:0C:E9:5D:82:47:FB:13:C4:68:9A:2E:D1:05:B3:7F:4C:E6:20:91:58:AD:0F:D4:6B:32:87:FE:19:C8
a=msid-semantic: WMS *
a=group:BUNDLE 0 1
m=audio 7 UDP/TLS/RTP/SAVPF 111
c=IN IP4 127.0.0.1
a=rtpmap:111 opus/48000/2
a=rtcp-fb:* transport-cc
a=extmap:1 urn:ietf:params:rtp-hdrext:sdes:mid
a=setup:actpass
a=mid:0
a=msid:stream track
a=sendonly
a=ice-ufrag:w1tyvtfxe8h4rcyz
a=ice-pwd:8dazuwcmpmgd0ozhwyc46rtm0bhkk6q0
a=candidate:udpcandidate 1 udp 1078862079 198.51.100.5 40001 typ host
a=candidate:tcpcandidate 1 tcp 1078862079 198.51.100.5 40002 typ host tcptype passive
a=end-of-candidates
a=ice-options:renomination
a=ssrc:2866881 cname:server
a=rtcp-mux
a=rtcp-rsize
m=video 0 UDP/TLS/RTP/SAVPF 0
c=IN IP4 127.0.0.1
a=mid:1
a=inactive
)");
}

QByteArray legacyDataOffer()
{
    return withCrlf(R"(v=0
o=- 1234567890 1 IN IP4 127.0.0.1
s=-
t=0 0
a=group:BUNDLE data
a=msid-semantic: WMS
m=application 9 DTLS/SCTP 5000
c=IN IP4 0.0.0.0
a=ice-ufrag:Oyef7uvBlwafI3hT
a=ice-pwd:T0teqPLNQQOf+5W+ls+P2p16
a=fingerprint:sha-256 49:66:12:17:0D:1C:91:AE:57:4C:C6:36:DD:D5:97:D2:7D:62:C9:9A:7F:B9:A3:F4:70:03:E7:43:91:73:23:5E
a=setup:actpass
a=mid:data
a=sctpmap:5000 webrtc-datachannel 1024
)");
}

} // namespace endpoints
