// SPDX-License-Identifier: Apache-2.0
/// A market of simulated people in virtual time, on the real book and formulas.
@NullMarked
package org.sparegrid.benchmarks.simulation;

import org.jspecify.annotations.NullMarked;
