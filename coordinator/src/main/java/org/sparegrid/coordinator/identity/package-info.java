// SPDX-License-Identifier: Apache-2.0
/// Proves who the coordinator, its people and its sellers' computers are.
@NullMarked
package org.sparegrid.coordinator.identity;

import org.jspecify.annotations.NullMarked;
