// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_TEST_KEYSAMPLES_H
#define PEER_TEST_KEYSAMPLES_H

// Keys that protect nothing, made with openssl(1) for the tests of this folder.
namespace keysamples {

/// A P-256 key in the form that toPem() writes.
inline constexpr char KeyPem[] =
    "-----BEGIN PRIVATE KEY-----\n"
    "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg5eE1/6/nrZrA8gv/\n"
    "Sd7fQSLq9fVdiSiEQvbO5G4xRemhRANCAATXPkSh1h0n4K7loi1r/nTlUzhwtD5K\n"
    "D6cQWyNjHsUrw3RDTSS8cSc3pS9z3wU43ZfYwEdpsTe9DbS/PkgCpu9r\n"
    "-----END PRIVATE KEY-----\n";

/// The same with its public point compressed.
inline constexpr char CompressedPem[] =
    "-----BEGIN PRIVATE KEY-----\n"
    "MGcCAQAwEwYHKoZIzj0CAQYIKoZIzj0DAQcETTBLAgEBBCDl4TX/r+etmsDyC/9J\n"
    "3t9BIur19V2JKIRC9s7kbjFF6aEkAyIAA9c+RKHWHSfgruWiLWv+dOVTOHC0PkoP\n"
    "pxBbI2MexSvD\n"
    "-----END PRIVATE KEY-----\n";

/// The same, not in PKCS#8.
inline constexpr char Sec1Pem[] =
    "-----BEGIN EC PRIVATE KEY-----\n"
    "MHcCAQEEIOXhNf+v562awPIL/0ne30Ei6vX1XYkohEL2zuRuMUXpoAoGCCqGSM49\n"
    "AwEHoUQDQgAE1z5EodYdJ+Cu5aIta/505VM4cLQ+Sg+nEFsjYx7FK8N0Q00kvHEn\n"
    "N6Uvc98FON2X2MBHabE3vQ20vz5IAqbvaw==\n"
    "-----END EC PRIVATE KEY-----\n";

/// The same under a passphrase.
inline constexpr char EncryptedPem[] =
    "-----BEGIN ENCRYPTED PRIVATE KEY-----\n"
    "MIHrMFYGCSqGSIb3DQEFDTBJMCgGCSqGSIb3DQEFDDAbBAjnTMUa9J+2YQIBATAM\n"
    "BggqhkiG9w0CCQUAMB0GCWCGSAFlAwQBAgQQYwH7rN8I6xg9V8YXW+HmTwSBkA18\n"
    "81WS6sFZFx+1TV6lDn/EwqyWwJn32rNqo6BXGMgiauwVtnInZ+TXP9wDF17U8jkS\n"
    "+sXDU/qwqNH/HoFU520oPQeZFoVJjnYpPrzKT+5jdVXHDJN8nGMTf9+Whb93/zwf\n"
    "EwntGjubkT2bXVPopBL2j1mRHgrvOcAosIrVYl7YaYd1f6obx9sGfJfIzidtUg==\n"
    "-----END ENCRYPTED PRIVATE KEY-----\n";

/// Another kind of key.
inline constexpr char Ed25519Pem[] =
    "-----BEGIN PRIVATE KEY-----\n"
    "MC4CAQAwBQYDK2VwBCIEICybB1/C0ovbWPxaWC7Zdt/0nJF0q6INUv4433D3JGW3\n"
    "-----END PRIVATE KEY-----\n";

/// Another curve.
inline constexpr char P384Pem[] =
    "-----BEGIN PRIVATE KEY-----\n"
    "MIG2AgEAMBAGByqGSM49AgEGBSuBBAAiBIGeMIGbAgEBBDBS2hjtpvENYSbLMpcS\n"
    "JGsp77cmBQL6Az6yFWYcJyKQkMa6uTT3bK2v0Zf81hkFVM+hZANiAAQRIcN0T6kA\n"
    "yo5v4VzBMS4tbl1CloA9ClPFsnwc1lcuPvLh3ZwIJ3hH4dEc+1D1dRNwJZkDiPGI\n"
    "NXHMvgoDDtkD1e9V6hU7oNWAKaGGFstXVGUemXepdPjvhBYDDXEGn7c=\n"
    "-----END PRIVATE KEY-----\n";

/// P-256 by its parameters, not by its name.
inline constexpr char ExplicitPem[] =
    "-----BEGIN PRIVATE KEY-----\n"
    "MIIBeQIBADCCAQMGByqGSM49AgEwgfcCAQEwLAYHKoZIzj0BAQIhAP////8AAAAB\n"
    "AAAAAAAAAAAAAAAA////////////////MFsEIP////8AAAABAAAAAAAAAAAAAAAA\n"
    "///////////////8BCBaxjXYqjqT57PrvVV2mIa8ZR0GsMxTsPY7zjw+J9JgSwMV\n"
    "AMSdNgiG5wSTamZ44ROdJreBn36QBEEEaxfR8uEsQkf4vOblY6RA8ncDfYEt6zOg\n"
    "9KE5RdiYwpZP40Li/hp/m47n60p8D54WK84zV2sxXs7LtkBoN79R9QIhAP////8A\n"
    "AAAA//////////+85vqtpxeehPO5ysL8YyVRAgEBBG0wawIBAQQg+EeKuou5ggMx\n"
    "rj19Ag992lLzHgn3PSKLMida3eJEgGmhRANCAARkFQ6KvFzqHzXYgCCEuRwSykEr\n"
    "UkUcU4wnVewywVivkWnmjLtH7KGhneALpEPRhFcpWwQHJv7sXXYyU/8xl+lz\n"
    "-----END PRIVATE KEY-----\n";

/// A private key with the public key of another.
inline constexpr char MismatchedPem[] =
    "-----BEGIN PRIVATE KEY-----\n"
    "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgJyXkDwUDQ0vCRggm\n"
    "k9as1f204TYuxlPmMGjMNDKPdUGhRANCAATXPkSh1h0n4K7loi1r/nTlUzhwtD5K\n"
    "D6cQWyNjHsUrw3RDTSS8cSc3pS9z3wU43ZfYwEdpsTe9DbS/PkgCpu9r\n"
    "-----END PRIVATE KEY-----\n";

} // namespace keysamples

#endif // PEER_TEST_KEYSAMPLES_H
