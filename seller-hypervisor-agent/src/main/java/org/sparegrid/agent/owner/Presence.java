// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.owner;

import java.time.Duration;

/// When somebody last used the computer.
///
/// @param known whether anything could tell
/// @param desktop whether there is a screen with somebody possibly before it
/// @param idle how long since the last input
/// @param source what told
public record Presence(boolean known, boolean desktop, Duration idle, String source) {
    /// Nothing on this computer could tell.
    public static final Presence UNKNOWN = new Presence(false, false, Duration.ZERO, "nothing");
}
