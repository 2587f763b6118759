// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.identity;

/// A certificate request that is malformed or asks for what is not given.
public final class CertificateRequestException extends Exception {
    private static final long serialVersionUID = 1;

    CertificateRequestException(String message) {
        super("certificate request: " + message, null, false, false);
    }
}
