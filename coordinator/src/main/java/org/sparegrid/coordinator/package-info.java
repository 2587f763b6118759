// SPDX-License-Identifier: Apache-2.0
/// The coordinator's program.
@NullMarked
package org.sparegrid.coordinator;

import org.jspecify.annotations.NullMarked;
