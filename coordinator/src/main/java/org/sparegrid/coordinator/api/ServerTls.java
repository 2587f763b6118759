// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.api;

/// Who the server is and whose clients it believes, all in PEM.
///
/// @param authority the certificate of the coordinator's own authority
/// @param chain the server's certificate and the authority's
/// @param privateKey the server's key
public record ServerTls(String authority, String chain, String privateKey) {
    @Override
    public String toString() {
        return "ServerTls[]";
    }
}
