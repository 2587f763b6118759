// SPDX-License-Identifier: Apache-2.0
/// How often something may be done.
@NullMarked
package org.sparegrid.coordinator.limit;

import org.jspecify.annotations.NullMarked;
