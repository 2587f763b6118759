// SPDX-License-Identifier: Apache-2.0

/// The agent's command line.
@NullMarked
package org.sparegrid.agent.command;

import org.jspecify.annotations.NullMarked;
