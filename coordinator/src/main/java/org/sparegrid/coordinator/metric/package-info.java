// SPDX-License-Identifier: Apache-2.0
/// What the coordinator counts and measures.
@NullMarked
package org.sparegrid.coordinator.metric;

import org.jspecify.annotations.NullMarked;
