// SPDX-License-Identifier: Apache-2.0

/// Signed releases of this program, and how one takes another's place.
@NullMarked
package org.sparegrid.agent.release;

import org.jspecify.annotations.NullMarked;
