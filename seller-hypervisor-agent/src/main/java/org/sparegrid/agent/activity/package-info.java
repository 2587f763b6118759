// SPDX-License-Identifier: Apache-2.0
/// When somebody last used this computer.
@NullMarked
package org.sparegrid.agent.activity;

import org.jspecify.annotations.NullMarked;
