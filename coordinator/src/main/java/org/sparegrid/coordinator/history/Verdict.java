// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.history;

/// What came out when a choice was made again.
public sealed interface Verdict {
    /// The same.
    record Same() implements Verdict {}

    /// Something else.
    ///
    /// @param instead what would be chosen now
    record Different(String instead) implements Verdict {}

    /// It couldn't be made again.
    ///
    /// @param why what of the record lacks
    record Unchecked(String why) implements Verdict {}
}
