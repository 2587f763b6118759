// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.payment;

import java.util.Map;
import org.sparegrid.protocol.control.Blob;

/// A message as it came to the webhook.
///
/// @param bytes the body of the request, exactly as it came
/// @param headers the request's headers by their names in lower case
public record Webhook(Blob bytes, Map<String, String> headers) {
    public Webhook {
        headers = Map.copyOf(headers);
    }

    /// A copy of the body.
    public byte[] body() {
        return bytes.toBytes();
    }

    /// The value of a header, or nothing.
    ///
    /// @param name in lower case
    public String header(String name) {
        return headers.getOrDefault(name, "");
    }
}
