// SPDX-License-Identifier: Apache-2.0
/// What happens to a lease and what of it is billed: pure computations.
@NullMarked
package org.sparegrid.coordinator.lease;

import org.jspecify.annotations.NullMarked;
