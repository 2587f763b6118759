// SPDX-License-Identifier: Apache-2.0
/// Finds what keeps this computer from selling, says how to mend it, and mends what it can.
@NullMarked
package org.sparegrid.agent.doctor;

import org.jspecify.annotations.NullMarked;
