// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.cli.trust;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.sparegrid.attestation.certificate.TrustAnchors;
import org.sparegrid.attestation.policy.Policy;
import org.sparegrid.attestation.policy.PolicyReader;
import org.sparegrid.attestation.policy.Presets;
import org.sparegrid.attestation.protocol.TrustTiming;
import org.sparegrid.attestation.report.Level;
import org.sparegrid.attestation.tpm.HashAlgorithm;
import org.sparegrid.attestation.wire.EvidenceFormatException;
import org.sparegrid.attestation.wire.Octets;
import org.sparegrid.cli.context.Context;
import org.sparegrid.cli.context.NetworkFolder;
import org.sparegrid.protocol.json.Format;
import org.sparegrid.protocol.json.MessageFormatException;
import org.sparegrid.protocol.market.OrderSpec;

/// What the buyer of an order wants proven before its machines run.
///
/// @param what a level, or the text of a policy
/// @param tpmRoots folders of roots of TPM makers
/// @param developmentRoots folders of roots of software TPMs
/// @param againSeconds how long after a quote the next one is asked for
/// @param silenceSeconds how long after a quote trust ends without another
public record TrustWish(
        String what,
        List<String> tpmRoots,
        List<String> developmentRoots,
        long againSeconds,
        long silenceSeconds) {
    public TrustWish {
        tpmRoots = List.copyOf(tpmRoots);
        developmentRoots = List.copyOf(developmentRoots);
    }

    /// A wish with the order it was made for, as it was sent: what the coordinator says of the
    /// order later is no ground for trust. Kept beside the key of the order's network.
    public record Placed(TrustWish wish, OrderSpec spec) {
        /// Keeps it for the daemon of the network.
        public void store(Context context, NetworkFolder folder) throws IOException {
            folder.make();
            context.write(file(folder), Format.JSON.write(this));
        }
    }

    /// The wish of an order, if its buyer has one.
    public static Optional<Placed> load(NetworkFolder folder) throws IOException {
        Path file = file(folder);
        if (!Files.exists(file)) {
            return Optional.empty();
        }
        try {
            return Optional.of(Format.JSON.read(Files.readAllBytes(file), Placed.class));
        } catch (MessageFormatException damaged) {
            throw new IOException(file + ": " + damaged.getMessage(), damaged);
        }
    }

    private static Path file(NetworkFolder folder) {
        return folder.folder().resolve("trust.json");
    }

    /// The newest evidence of a machine that was let in.
    public static Path evidence(NetworkFolder folder, String lease) {
        return folder.folder().resolve("evidence").resolve(lease + ".json");
    }

    /// What evidence is weighed against.
    public Policy policy() throws IOException {
        Optional<Level> level = Level.named(what);
        if (level.isPresent()) {
            return Presets.of(level.get());
        }
        try {
            return PolicyReader.read(what.getBytes(StandardCharsets.UTF_8));
        } catch (EvidenceFormatException wrong) {
            throw new IOException("policy: " + wrong.reason(), wrong);
        }
    }

    /// SHA-256 of the level or the policy's text.
    public Octets digest() {
        return Octets.of(HashAlgorithm.SHA256.hash(what.getBytes(StandardCharsets.UTF_8)));
    }

    /// How fresh trust has to be.
    public TrustTiming timing() {
        return new TrustTiming(
                TrustTiming.DEFAULT.answer(),
                Duration.ofSeconds(againSeconds),
                Duration.ofSeconds(silenceSeconds));
    }

    /// The roots that endorsement certificates may lead to.
    public List<TrustAnchors> makers() throws IOException {
        List<TrustAnchors> makers = new ArrayList<>();
        for (String folder : tpmRoots) {
            makers.add(roots(Path.of(folder), TrustAnchors.Origin.VENDOR));
        }
        for (String folder : developmentRoots) {
            makers.add(roots(Path.of(folder), TrustAnchors.Origin.DEVELOPMENT));
        }
        return makers;
    }

    private static TrustAnchors roots(Path folder, TrustAnchors.Origin origin) throws IOException {
        try {
            return TrustAnchors.ofFolder(folder, origin);
        } catch (EvidenceFormatException wrong) {
            throw new IOException(folder + ": " + wrong.reason(), wrong);
        }
    }
}
