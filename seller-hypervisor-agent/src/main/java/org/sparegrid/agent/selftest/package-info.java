// SPDX-License-Identifier: Apache-2.0

/// A small guest of our own that tests the computer as a buyer's guest would use it.
@NullMarked
package org.sparegrid.agent.selftest;

import org.jspecify.annotations.NullMarked;
