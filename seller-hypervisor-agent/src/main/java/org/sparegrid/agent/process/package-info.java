// SPDX-License-Identifier: Apache-2.0

/// Other programs and the kernel's view of them.
@NullMarked
package org.sparegrid.agent.process;

import org.jspecify.annotations.NullMarked;
