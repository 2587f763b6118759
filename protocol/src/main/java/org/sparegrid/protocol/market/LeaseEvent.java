// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.protocol.market;

import java.time.Instant;

/// Something that happened to a lease.
///
/// @param at when the coordinator learned of it
/// @param state the lease's state after it
/// @param detail one sentence for people, possibly empty
public record LeaseEvent(Instant at, LeaseState state, String detail) {}
