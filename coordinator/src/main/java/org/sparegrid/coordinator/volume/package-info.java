// SPDX-License-Identifier: Apache-2.0
/// Where volumes stand and what of their time is paid: pure computations.
@NullMarked
package org.sparegrid.coordinator.volume;

import org.jspecify.annotations.NullMarked;
