// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.image;

/// How far an image that a guest already runs from has come.
///
/// @param presentBytes what is here and checked
/// @param totalBytes the whole image
/// @param stalls how often a guest waited for more than [#STALL_MILLIS] for its disc
/// @param waitedMillis how long a guest waited for its disc in all
/// @param waiting whether one waits now
public record StreamStatus(
        long presentBytes, long totalBytes, int stalls, long waitedMillis, boolean waiting) {
    /// A wait that people notice.
    public static final long STALL_MILLIS = 1000;
}
