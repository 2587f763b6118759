// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.payment;

import org.sparegrid.protocol.control.Blob;

/// A provider's report as it travels.
///
/// @param bytes the body of the request
/// @param signature the text of its signature header
public record SignedBody(Blob bytes, String signature) {
    /// A copy of the body.
    public byte[] body() {
        return bytes.toBytes();
    }
}
