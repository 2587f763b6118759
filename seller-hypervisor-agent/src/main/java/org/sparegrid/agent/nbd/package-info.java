// SPDX-License-Identifier: Apache-2.0
/// Serves a disk to QEMU before all of it has arrived, over NBD on a Unix socket.
@NullMarked
package org.sparegrid.agent.nbd;

import org.jspecify.annotations.NullMarked;
