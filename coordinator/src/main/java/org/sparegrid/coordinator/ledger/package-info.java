// SPDX-License-Identifier: Apache-2.0
/// The rules of double-entry bookkeeping: pure computations.
@NullMarked
package org.sparegrid.coordinator.ledger;

import org.jspecify.annotations.NullMarked;
