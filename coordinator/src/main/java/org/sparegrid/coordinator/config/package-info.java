// SPDX-License-Identifier: Apache-2.0
/// The settings file as checked records.
@NullMarked
package org.sparegrid.coordinator.config;

import org.jspecify.annotations.NullMarked;
