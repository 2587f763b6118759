// SPDX-License-Identifier: Apache-2.0
/// What people read: tables, amounts, durations and progress.
@NullMarked
package org.sparegrid.cli.output;

import org.jspecify.annotations.NullMarked;
