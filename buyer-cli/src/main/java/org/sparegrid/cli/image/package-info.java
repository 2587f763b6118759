// SPDX-License-Identifier: Apache-2.0
/// Uploading images.
@NullMarked
package org.sparegrid.cli.image;

import org.jspecify.annotations.NullMarked;
