// SPDX-License-Identifier: Apache-2.0
/// The market's transactions: orders, leases, meters, settlements and networks.
@NullMarked
package org.sparegrid.coordinator.trade;

import org.jspecify.annotations.NullMarked;
