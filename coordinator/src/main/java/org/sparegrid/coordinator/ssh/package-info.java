// SPDX-License-Identifier: Apache-2.0
/// The SSH gateway to machines' consoles.
@NullMarked
package org.sparegrid.coordinator.ssh;

import org.jspecify.annotations.NullMarked;
