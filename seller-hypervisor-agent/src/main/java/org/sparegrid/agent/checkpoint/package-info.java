// SPDX-License-Identifier: Apache-2.0
/// Guests' saved states on this computer's disk, sealed with their buyers' keys.
@NullMarked
package org.sparegrid.agent.checkpoint;

import org.jspecify.annotations.NullMarked;
