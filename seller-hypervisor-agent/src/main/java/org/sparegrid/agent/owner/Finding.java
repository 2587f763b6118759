// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.owner;

/// A rule that holds guests back.
///
/// @param rule the setting or command that it comes from
/// @param state what guests may still do
/// @param cpuPercent with how much processor time
/// @param why what was seen
/// @param change what would change it
public record Finding(String rule, RunState state, int cpuPercent, String why, String change) {}
