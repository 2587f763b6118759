// SPDX-License-Identifier: Apache-2.0

/// The networks that this computer's guests are on.
@NullMarked
package org.sparegrid.agent.network;

import org.jspecify.annotations.NullMarked;
