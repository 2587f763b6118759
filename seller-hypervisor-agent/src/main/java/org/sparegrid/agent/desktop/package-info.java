// SPDX-License-Identifier: Apache-2.0
/// Clients of the owner's desktop: the X server and the message buses, as far as we need them.
@NullMarked
package org.sparegrid.agent.desktop;

import org.jspecify.annotations.NullMarked;
