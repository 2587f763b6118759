// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.limit;

/// What a control group can hold a guest to.
public enum Resource {
    /// Processors' time.
    CPU("cpu"),
    /// Memory, of QEMU and the guest together.
    MEMORY("memory"),
    /// Processes and threads.
    TASKS("pids");

    private final String controller;

    Resource(String controller) {
        this.controller = controller;
    }

    /// The kernel's name for it.
    String controller() {
        return controller;
    }
}
