// SPDX-License-Identifier: Apache-2.0
/// What the market saw and chose: kept in files while it works, and gone through again later.
@NullMarked
package org.sparegrid.coordinator.history;

import org.jspecify.annotations.NullMarked;
