// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.market.formula;

/// A machine, or the machine that a buyer would like to have.
public record Node(Speed speed, Bandwidth bandwidth) {}
