// SPDX-License-Identifier: Apache-2.0

/// Fetches images, checks every byte and keeps them.
@NullMarked
package org.sparegrid.agent.image;

import org.jspecify.annotations.NullMarked;
