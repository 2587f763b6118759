// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.protocol.api;

/// A computer joins as a seller.
///
/// @param secret the secret of its join token
/// @param certificateRequest a PKCS #10 request in PEM, signed with the computer's own P-256 key
public record EnrolmentRequest(String secret, String certificateRequest) {
    @Override
    public String toString() {
        return "EnrolmentRequest[]";
    }
}
