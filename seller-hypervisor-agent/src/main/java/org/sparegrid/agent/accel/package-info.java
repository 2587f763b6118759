// SPDX-License-Identifier: Apache-2.0

/// Whether KVM really runs guest code here, found out by running some.
@NullMarked
package org.sparegrid.agent.accel;

import org.jspecify.annotations.NullMarked;
