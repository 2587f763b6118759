// SPDX-License-Identifier: Apache-2.0

/// Holds processes to what they may take, by the kernel's control groups where those are ours.
@NullMarked
package org.sparegrid.agent.limit;

import org.jspecify.annotations.NullMarked;
