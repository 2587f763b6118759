// SPDX-License-Identifier: Apache-2.0

/// Guests and the programs that run them, behind one interface.
@NullMarked
package org.sparegrid.agent.hypervisor;

import org.jspecify.annotations.NullMarked;
