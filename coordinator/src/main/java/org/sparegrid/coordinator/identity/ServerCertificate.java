// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.identity;

/// What the coordinator's TLS server shows and signs with.
///
/// @param chainPem the server's certificate, then the authority's
/// @param keyPem the private key in PKCS #8
public record ServerCertificate(String chainPem, String keyPem) {
    @Override
    public String toString() {
        return "ServerCertificate[]";
    }
}
