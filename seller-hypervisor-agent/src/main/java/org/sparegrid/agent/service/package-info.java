// SPDX-License-Identifier: Apache-2.0
/// The agent as a service of systemd.
@NullMarked
package org.sparegrid.agent.service;

import org.jspecify.annotations.NullMarked;
