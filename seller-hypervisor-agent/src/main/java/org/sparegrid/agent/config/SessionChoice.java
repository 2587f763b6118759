// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.config;

/// What carries the session with the coordinator, as the owner decided.
public enum SessionChoice {
    /// A WebSocket; polls where none can be had.
    AUTO,
    /// Nothing but a WebSocket.
    WEBSOCKET,
    /// Nothing but polls.
    POLLING;

    /// The choice of that name in the settings.
    ///
    /// @throws IllegalArgumentException if there is none
    static SessionChoice parse(String text) {
        return switch (text) {
            case "auto" -> AUTO;
            case "websocket" -> WEBSOCKET;
            case "polling" -> POLLING;
            default ->
                    throw new IllegalArgumentException(
                            "expected auto, websocket or polling, got " + text);
        };
    }
}
