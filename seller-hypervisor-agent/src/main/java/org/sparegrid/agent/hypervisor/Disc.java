// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.hypervisor;

import java.nio.file.Path;

/// What a guest starts from: what is in its CD drive, or what its disk is at first.
public sealed interface Disc {
    /// An ISO file.
    record File(Path file) implements Disc {}

    /// A raw disk. What the guest writes goes to its scratch disk, which lies over it.
    record Under(Disc disk) implements Disc {
        /// Checks that it is a file or served.
        public Under {
            if (disk instanceof Under) {
                throw new IllegalArgumentException("disc: expected a file or what is served");
            }
        }
    }

    /// What is served over NBD on a Unix socket. A guest whose server is away waits for it.
    ///
    /// @param export the name of what is served there, of a-z
    record Served(Path socket, String export) implements Disc {
        /// Checks the name, because it becomes XML.
        public Served {
            if (!export.matches("[a-z]{1,20}")) {
                throw new IllegalArgumentException("disc: expected a name of a-z, got " + export);
            }
        }
    }
}
