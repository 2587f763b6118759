// SPDX-License-Identifier: Apache-2.0

/// The guests' serial consoles.
@NullMarked
package org.sparegrid.agent.console;

import org.jspecify.annotations.NullMarked;
