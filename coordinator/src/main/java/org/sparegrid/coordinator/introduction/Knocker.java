// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.introduction;

import java.util.List;

/// Knocks at UDP ports to find out whether they are open.
@FunctionalInterface
public interface Knocker {
    /// Begins to knock; returns at once, and nothing is told of what comes of it.
    ///
    /// @param endpoints `address:port` or `[address]:port`
    /// @param label what the knock begins with
    /// @param secret what it ends with
    void knock(List<String> endpoints, long label, int secret);
}
