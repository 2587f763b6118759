// SPDX-License-Identifier: Apache-2.0
/// What guests cost in energy, what they earn, and what is left. Pure.
@NullMarked
package org.sparegrid.agent.energy;

import org.jspecify.annotations.NullMarked;
