// SPDX-License-Identifier: Apache-2.0
/// What the program remembers between runs: settings, keys and the state of networks.
@NullMarked
package org.sparegrid.cli.context;

import org.jspecify.annotations.NullMarked;
