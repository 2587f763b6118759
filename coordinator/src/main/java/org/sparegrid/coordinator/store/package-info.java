// SPDX-License-Identifier: Apache-2.0
/// The database: one writer that commits in groups, and many readers.
@NullMarked
package org.sparegrid.coordinator.store;

import org.jspecify.annotations.NullMarked;
