// SPDX-License-Identifier: Apache-2.0
/// The commands of the program `sparegrid-coordinator`.
@NullMarked
package org.sparegrid.coordinator.command;

import org.jspecify.annotations.NullMarked;
