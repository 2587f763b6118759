// SPDX-License-Identifier: Apache-2.0

/// Measures how fast this computer is.
@NullMarked
package org.sparegrid.agent.benchmark;

import org.jspecify.annotations.NullMarked;
