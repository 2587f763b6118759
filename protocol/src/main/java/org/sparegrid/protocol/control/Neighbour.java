// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.protocol.control;

import java.util.List;

/// A seller's computer that has chunks of an image, or fetches them, for those that are told of it.
///
/// @param certificate the SHA-256 of the certificate that it shows and that it calls with, 64
///   hexadecimal digits; it is made anew at each start and names nobody
/// @param endpoints where it listens, `address:port` or `[address]:port`, at most 4
/// @param whole whether it has all of the image
public record Neighbour(String certificate, List<String> endpoints, boolean whole) {
    /// The most addresses of one computer.
    public static final int ENDPOINTS_MAX = 4;

    public Neighbour {
        endpoints = List.copyOf(endpoints);
        if (!certificate.matches("[0-9a-f]{64}")) {
            throw new IllegalArgumentException(
                    "neighbour: expected a certificate's digest of 64 hexadecimal digits");
        }
        if (endpoints.size() > ENDPOINTS_MAX) {
            throw new IllegalArgumentException("neighbour: expected at most 4 endpoints");
        }
    }
}
