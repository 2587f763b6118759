// SPDX-License-Identifier: Apache-2.0
/// The virtual Ethernet beside other overlays; started by `bin/bench overlay`.
@NullMarked
package org.sparegrid.benchmarks.overlay;

import org.jspecify.annotations.NullMarked;
