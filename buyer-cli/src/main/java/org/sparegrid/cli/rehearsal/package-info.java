// SPDX-License-Identifier: Apache-2.0
/// Renting machines of oneself: a coordinator and sellers of this computer only, for as long as a
/// command runs.
@NullMarked
package org.sparegrid.cli.rehearsal;

import org.jspecify.annotations.NullMarked;
