// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.selling;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.sparegrid.agent.owner.OwnerOrder;
import org.sparegrid.agent.process.AtomicFile;
import org.sparegrid.protocol.json.Format;
import org.sparegrid.protocol.json.MessageFormatException;

/// What must be known of the owner's wishes after a restart.
///
/// @param order what the owner said last
/// @param day the day of `transferredBytes`, such as `2026-11-21`
/// @param transferredBytes what guests sent and received on that day
record OwnerMemory(OwnerOrder order, String day, long transferredBytes) {
    private static final System.Logger LOG = System.getLogger(OwnerMemory.class.getName());

    static final OwnerMemory NONE = new OwnerMemory(OwnerOrder.NONE, "", 0);

    /// What was written, or nothing if that can't be read.
    static OwnerMemory load(Path file) throws IOException {
        if (!Files.exists(file)) {
            return NONE;
        }
        try {
            return Format.JSON.read(Files.readAllBytes(file), OwnerMemory.class);
        } catch (MessageFormatException damaged) {
            LOG.log(
                    System.Logger.Level.WARNING,
                    () -> "the owner's orders are forgotten file=" + file + " cause=" + damaged);
            return NONE;
        }
    }

    void save(Path file) throws IOException {
        AtomicFile.write(file, Format.JSON.write(this));
    }
}
