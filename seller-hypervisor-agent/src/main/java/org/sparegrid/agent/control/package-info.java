// SPDX-License-Identifier: Apache-2.0

/// The session with the coordinator; the only package that knows Vert.x.
@NullMarked
package org.sparegrid.agent.control;

import org.jspecify.annotations.NullMarked;
