// SPDX-License-Identifier: Apache-2.0
/// Records that can't be changed unseen: each is sealed together with all before it.
@NullMarked
package org.sparegrid.coordinator.audit;

import org.jspecify.annotations.NullMarked;
