// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet.path;

/// One attempt to find a path, or a better one.
final class Round {
    /// When its first pings leave.
    final long pingsFromNanos;

    /// How many times all addresses were pinged.
    int sent;

    Round(long pingsFromNanos) {
        this.pingsFromNanos = pingsFromNanos;
    }
}
