// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.trust;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.Optional;
import org.sparegrid.agent.process.AtomicFile;
import org.sparegrid.protocol.LeaseId;
import org.sparegrid.protocol.control.TrustPeers;
import org.sparegrid.protocol.json.Format;
import org.sparegrid.protocol.json.MessageFormatException;

/// What of a lease's trust outlives this program, in files that only the agent reads.
///
/// @param evidence the newest evidence in base64, from which the lease's keys are known again
/// @param level the level that the buyer asks for
/// @param secret what the TPM opened, in base64, or empty
/// @param peers whom the machine may talk with; version 0 before it is let in
record KeptTrust(String evidence, int level, String secret, TrustPeers peers) {
    static Optional<KeptTrust> load(Path folder, LeaseId lease) throws IOException {
        Path file = file(folder, lease);
        if (!Files.exists(file)) {
            return Optional.empty();
        }
        try {
            return Optional.of(Format.JSON.read(Files.readAllBytes(file), KeptTrust.class));
        } catch (MessageFormatException damaged) {
            throw new IOException(file + ": " + damaged.getMessage(), damaged);
        }
    }

    void store(Path folder, LeaseId lease) throws IOException {
        AtomicFile.write(file(folder, lease), Format.JSON.write(this));
    }

    static void forget(Path folder, LeaseId lease) throws IOException {
        Files.deleteIfExists(file(folder, lease));
    }

    byte[] evidenceBytes() {
        return Base64.getDecoder().decode(evidence);
    }

    byte[] secretBytes() {
        return Base64.getDecoder().decode(secret);
    }

    private static Path file(Path folder, LeaseId lease) {
        return folder.resolve(lease + ".json");
    }

    /// Hides the secret.
    @Override
    public String toString() {
        return "KeptTrust[level=" + level + ", version=" + peers.version() + "]";
    }
}
