// SPDX-License-Identifier: Apache-2.0
/// The program's own log.
@NullMarked
package org.sparegrid.cli.diagnosis;

import org.jspecify.annotations.NullMarked;
