// SPDX-License-Identifier: Apache-2.0
/// This computer on the buyer's network: the daemon, its control socket and ssh.
@NullMarked
package org.sparegrid.cli.bridge;

import org.jspecify.annotations.NullMarked;
