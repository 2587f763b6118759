// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.config;

/// How the seller wants guests to run.
public enum AccelerationChoice {
    /// With KVM if it works, else emulated.
    AUTO,
    /// With KVM or not at all.
    KVM,
    /// Emulated, even if KVM works.
    TCG
}
