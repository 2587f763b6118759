// SPDX-License-Identifier: Apache-2.0

/// Exchanges the chunks of images with other sellers' computers nearby. See
/// docs/protocol/chunk-exchange.md.
@NullMarked
package org.sparegrid.agent.neighbour;

import org.jspecify.annotations.NullMarked;
