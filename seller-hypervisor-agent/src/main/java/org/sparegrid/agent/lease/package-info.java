// SPDX-License-Identifier: Apache-2.0

/// One lease from offer to end.
@NullMarked
package org.sparegrid.agent.lease;

import org.jspecify.annotations.NullMarked;
