// SPDX-License-Identifier: Apache-2.0

/// What must survive the death of this program.
@NullMarked
package org.sparegrid.agent.journal;

import org.jspecify.annotations.NullMarked;
