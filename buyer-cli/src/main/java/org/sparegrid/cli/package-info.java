// SPDX-License-Identifier: Apache-2.0
/// The buyer's command line: the program itself.
@NullMarked
package org.sparegrid.cli;

import org.jspecify.annotations.NullMarked;
