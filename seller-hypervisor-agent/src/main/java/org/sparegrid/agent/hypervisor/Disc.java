// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.hypervisor;

import java.nio.file.Path;

/// What is in a guest's CD drive.
public sealed interface Disc {
    /// An ISO file.
    record File(Path file) implements Disc {}

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
