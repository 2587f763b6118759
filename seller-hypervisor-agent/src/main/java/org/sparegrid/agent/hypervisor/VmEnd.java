// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.hypervisor;

/// How a guest's QEMU came to its end.
public enum VmEnd {
    /// The guest switched itself off.
    POWERED_OFF,
    /// We stopped it.
    STOPPED,
    /// QEMU crashed or was killed.
    DIED,
    /// Nothing is known of it any more.
    GONE
}
