// SPDX-License-Identifier: Apache-2.0
/// Buyers' volumes on this computer's disk.
@NullMarked
package org.sparegrid.agent.volume;

import org.jspecify.annotations.NullMarked;
