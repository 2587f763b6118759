// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.limit;

import java.nio.file.Path;

/// Where guests' groups for one resource are, or why there are none.
sealed interface Place {
    /// Version 1 of control groups: a tree for each resource.
    ///
    /// @param folder in which guests' groups lie
    record Old(Path folder) implements Place {}

    /// Version 2: one tree for all.
    ///
    /// @param folder in which guests' groups lie
    record New(Path folder) implements Place {}

    /// None.
    ///
    /// @param why for people
    record Nowhere(String why) implements Place {}
}
