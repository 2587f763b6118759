// SPDX-License-Identifier: Apache-2.0
/// The owner's rules: when guests may run, and how much of the computer they may take. Pure: what
/// is seen of the computer goes in, what guests may do comes out.
@NullMarked
package org.sparegrid.agent.owner;

import org.jspecify.annotations.NullMarked;
