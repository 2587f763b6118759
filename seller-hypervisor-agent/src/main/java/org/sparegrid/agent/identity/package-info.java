// SPDX-License-Identifier: Apache-2.0

/// Who this computer is to the coordinator: its key, its certificate, and how it got them.
@NullMarked
package org.sparegrid.agent.identity;

import org.jspecify.annotations.NullMarked;
