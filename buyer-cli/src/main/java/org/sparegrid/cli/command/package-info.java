// SPDX-License-Identifier: Apache-2.0
/// The commands, one class each, and how failures become exit codes.
@NullMarked
package org.sparegrid.cli.command;

import org.jspecify.annotations.NullMarked;
