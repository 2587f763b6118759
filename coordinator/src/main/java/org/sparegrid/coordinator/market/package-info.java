// SPDX-License-Identifier: Apache-2.0
/// Which offers an order gets: pure computations.
@NullMarked
package org.sparegrid.coordinator.market;

import org.jspecify.annotations.NullMarked;
