// SPDX-License-Identifier: Apache-2.0
/// Keeps the chunks and the signed manifests of the buyers' images as files.
@NullMarked
package org.sparegrid.coordinator.image;

import org.jspecify.annotations.NullMarked;
