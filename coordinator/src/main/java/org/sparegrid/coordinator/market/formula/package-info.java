// SPDX-License-Identifier: Apache-2.0
/// The reliability engine of patent WO 01/14961, computed: what computing costs, how many providers
/// make one dependable node, what each of them is paid, and when a task will be done.
///
/// The formulas are numbered as in docs/guides/market.md. They are pure; probabilities are clamped
/// and amounts are exact to a billionth.
@NullMarked
package org.sparegrid.coordinator.market.formula;

import org.jspecify.annotations.NullMarked;
