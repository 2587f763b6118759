// SPDX-License-Identifier: Apache-2.0
/// What the edge asks of the market: one method a request of the public interface.
@NullMarked
package org.sparegrid.coordinator.operation;

import org.jspecify.annotations.NullMarked;
