// SPDX-License-Identifier: Apache-2.0
/// HTTPS and WebSocket; the only package that knows Vert.x.
@NullMarked
package org.sparegrid.coordinator.api;

import org.jspecify.annotations.NullMarked;
