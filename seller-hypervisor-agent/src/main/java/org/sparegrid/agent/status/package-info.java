// SPDX-License-Identifier: Apache-2.0

/// What the running agent tells its owner, over a socket that only the owner can open.
@NullMarked
package org.sparegrid.agent.status;

import org.jspecify.annotations.NullMarked;
