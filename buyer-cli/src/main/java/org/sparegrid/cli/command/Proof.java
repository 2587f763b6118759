// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.cli.command;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Optional;
import org.sparegrid.attestation.report.VerificationReport;
import org.sparegrid.attestation.verification.StoredEvidence;
import org.sparegrid.attestation.verification.Verifier;
import org.sparegrid.cli.context.NetworkFolder;
import org.sparegrid.cli.trust.TrustWish;
import org.sparegrid.protocol.market.Lease;
import org.sparegrid.protocol.market.Order;

/// What a machine has shown of late, with what its order asks for.
///
/// @param shownAt when this computer's daemon took it
record Proof(String machine, Path file, StoredEvidence evidence, TrustWish wish, Instant shownAt) {
    /// The newest that a machine has shown to this computer.
    static Proof of(Shell shell, Order order, Lease lease) throws IOException, Failure {
        NetworkFolder folder = shell.context().network(order.network());
        Path file = TrustWish.evidence(folder, lease.id().value());
        Optional<TrustWish> wish = TrustWish.load(folder).map(TrustWish.Placed::wish);
        if (wish.isEmpty() || !Files.exists(file)) {
            throw new Failure(
                    ExitCode.USAGE,
                    lease.name()
                            + " has shown no evidence here; its order was placed without"
                            + " --trust, elsewhere, or it does not stand ready yet");
        }
        return new Proof(
                lease.name(),
                file,
                AttestCommand.evidence(file),
                wish.get(),
                Files.getLastModifiedTime(file).toInstant());
    }

    /// Checks it anew.
    VerificationReport weigh(Instant now) throws IOException {
        return Verifier.verify(
                evidence, wish.policy(), new Verifier.Expectation.Unknown(), wish.makers(), now);
    }

    /// Refuses to go on unless it holds and is no older than its buyer's daemon may let it be.
    void require(Instant now) throws IOException, Failure {
        if (weigh(now).verdict() != VerificationReport.Verdict.TRUSTED) {
            throw new Failure(
                    ExitCode.POLICY,
                    machine + " does not meet the policy of its order; see attest show " + machine);
        }
        if (now.isAfter(shownAt.plus(wish.timing().silenceMax()))) {
            throw new Failure(
                    ExitCode.EVIDENCE,
                    machine + " has shown nothing since " + shownAt + "; does its daemon run?");
        }
    }
}
