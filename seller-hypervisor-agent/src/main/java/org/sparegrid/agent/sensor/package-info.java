// SPDX-License-Identifier: Apache-2.0
/// What the computer's sensors and the kernel say: power, heat, load, programs, network.
@NullMarked
package org.sparegrid.agent.sensor;

import org.jspecify.annotations.NullMarked;
