// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.lease;

import java.time.Duration;

/// How long a lease may stay where it is.
///
/// @param offer until the agent answers
/// @param boot from acceptance until the machine is on the network
/// @param lostStarting how long the agent may be away while the machine starts
/// @param lostRunning how long it may be away while the machine runs or stops
public record Limits(Duration offer, Duration boot, Duration lostStarting, Duration lostRunning) {}
