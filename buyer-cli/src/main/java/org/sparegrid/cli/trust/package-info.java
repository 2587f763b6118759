// SPDX-License-Identifier: Apache-2.0
/// Decides for the buyer which machines are let onto his network.
@NullMarked
package org.sparegrid.cli.trust;

import org.jspecify.annotations.NullMarked;
