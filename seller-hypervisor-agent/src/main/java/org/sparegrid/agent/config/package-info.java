// SPDX-License-Identifier: Apache-2.0

/// The settings file, its checks, and where the agent keeps things.
@NullMarked
package org.sparegrid.agent.config;

import org.jspecify.annotations.NullMarked;
