// SPDX-License-Identifier: Apache-2.0
/// Shows buyers what this computer runs, by its TPM.
@NullMarked
package org.sparegrid.agent.trust;

import org.jspecify.annotations.NullMarked;
