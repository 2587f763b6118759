// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.protocol.api;

import java.time.Instant;

/// A token with which one computer joins as a seller, once.
///
/// @param token the text of a {@link org.sparegrid.protocol.JoinToken}
/// @param expires when it is no longer accepted
public record NewJoinToken(String token, Instant expires) {
    @Override
    public String toString() {
        return "NewJoinToken[expires=" + expires + "]";
    }
}
