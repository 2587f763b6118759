// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.owner;

/// When guests may run.
public enum Mode {
    /// When idle on a computer with a desktop, else always.
    AUTO,
    /// Whether or not somebody uses the computer.
    ALWAYS,
    /// Only while nobody uses the computer.
    WHEN_IDLE,
    /// In the hours of the schedule, whether or not somebody uses the computer.
    SCHEDULE
}
