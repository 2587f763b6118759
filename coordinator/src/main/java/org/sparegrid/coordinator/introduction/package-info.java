// SPDX-License-Identifier: Apache-2.0
/// Addresses and names on the buyers' networks: pure computations.
@NullMarked
package org.sparegrid.coordinator.introduction;

import org.jspecify.annotations.NullMarked;
