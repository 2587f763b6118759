// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.command;

/// The same leases with agents that poll: not one of these tests may tell the difference.
class LeaseOverPollsTest extends LeaseOverTheWireTest {
    @Override
    boolean polls() {
        return true;
    }
}
