// SPDX-License-Identifier: Apache-2.0

/// The agent at work: checks the computer, offers it, and runs what was leased.
@NullMarked
package org.sparegrid.agent.selling;

import org.jspecify.annotations.NullMarked;
