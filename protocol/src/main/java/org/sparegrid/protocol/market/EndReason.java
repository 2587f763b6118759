// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.protocol.market;

/// Why a lease ended.
public enum EndReason {
    /// The buyer stopped it.
    BUYER,
    /// The seller stopped it.
    SELLER,
    /// The guest powered itself off.
    POWERED_OFF,
    /// The agent refused the lease or didn't answer in time.
    REJECTED,
    /// The machine never came up; nothing is charged.
    START_FAILED,
    /// The machine died while running.
    FAILED,
    /// The agent was not heard of for too long.
    LOST,
    /// The order's time is used up.
    EXPIRED,
    /// The order's limit of cost is reached.
    BUDGET,
    /// The coordinator's operator ended it.
    OPERATOR,
    /// It was interruptible, and a firm order got its slot.
    PREEMPTED
}
