// SPDX-License-Identifier: Apache-2.0
/// Agent sessions: numbering, acknowledgement and resumption of messages.
@NullMarked
package org.sparegrid.coordinator.session;

import org.jspecify.annotations.NullMarked;
