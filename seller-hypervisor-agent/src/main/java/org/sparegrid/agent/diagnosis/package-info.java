// SPDX-License-Identifier: Apache-2.0
/// What the agent says of itself: its log, and a report for whoever mends it.
@NullMarked
package org.sparegrid.agent.diagnosis;

import org.jspecify.annotations.NullMarked;
