// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.protocol.market;

/// How a seller's machine runs guest code.
public enum Acceleration {
    /// On the processor itself, through KVM that was seen to work.
    KVM,
    /// By QEMU's translator, ten to thirty times slower.
    EMULATION
}
