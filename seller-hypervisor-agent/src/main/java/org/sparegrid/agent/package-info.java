// SPDX-License-Identifier: Apache-2.0

/// The program.
@NullMarked
package org.sparegrid.agent;

import org.jspecify.annotations.NullMarked;
