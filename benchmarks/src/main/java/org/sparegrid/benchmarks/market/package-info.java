// SPDX-License-Identifier: Apache-2.0
/// The market's engine beside an indexed PostgreSQL, and durable placements.
@NullMarked
package org.sparegrid.benchmarks.market;

import org.jspecify.annotations.NullMarked;
