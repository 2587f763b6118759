// SPDX-License-Identifier: Apache-2.0
/// Says why orders and asks don't meet: pure computations.
@NullMarked
package org.sparegrid.coordinator.market.explain;

import org.jspecify.annotations.NullMarked;
