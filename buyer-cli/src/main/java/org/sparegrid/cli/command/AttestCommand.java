// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.cli.command;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.sparegrid.attestation.certificate.TrustAnchors;
import org.sparegrid.attestation.policy.Policy;
import org.sparegrid.attestation.policy.PolicyReader;
import org.sparegrid.attestation.policy.Presets;
import org.sparegrid.attestation.report.Level;
import org.sparegrid.attestation.report.VerificationReport;
import org.sparegrid.attestation.verification.EvidencePack;
import org.sparegrid.attestation.verification.StoredEvidence;
import org.sparegrid.attestation.verification.Verifier;
import org.sparegrid.attestation.wire.EvidenceFormatException;
import org.sparegrid.attestation.wire.Octets;
import org.sparegrid.cli.client.RefusedException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// The commands about evidence of what a seller's computer runs. None asks the coordinator, but
/// `show` for which machine a name means.
@Command(
        name = "attest",
        description = "Check evidence of what a computer runs, without any network.",
        subcommands = {
            AttestCommand.Show.class,
            AttestCommand.Verify.class,
            AttestCommand.Pack.class,
            ApplianceReferenceCommand.class,
            AttestCommand.PolicyGroup.class
        })
final class AttestCommand extends GroupCommand {
    private static final int REPORT_DATA_BYTES = 64;

    /// What evidence is checked against.
    static final class Evidence {
        @Parameters(
                index = "0",
                paramLabel = "FILE",
                description = "The evidence; see docs/protocol/attestation-policy.md.")
        private Path file = Path.of("");

        @Option(
                names = "--report-data",
                paramLabel = "HEX",
                description = "The 64 bytes a processor's report has to name.")
        private @Nullable String reportData;

        @Option(
                names = "--tpm-roots",
                paramLabel = "DIR",
                description = "Certificates of makers of TPMs; processors' are built in.")
        private @Nullable Path tpmRoots;

        @Option(
                names = "--development-roots",
                paramLabel = "DIR",
                description = "Certificates of software TPMs, for trials.")
        private @Nullable Path developmentRoots;

        @Option(
                names = "--at",
                paramLabel = "TIME",
                description = "When certificates have to hold, such as 2026-01-31T12:00:00Z.")
        private @Nullable String at;

        private VerificationReport verified(Policy policy, Shell shell)
                throws IOException, Failure {
            StoredEvidence evidence = evidence(file);
            List<TrustAnchors> makers = new ArrayList<>();
            add(makers, tpmRoots, TrustAnchors.Origin.VENDOR);
            add(makers, developmentRoots, TrustAnchors.Origin.DEVELOPMENT);
            return Verifier.verify(evidence, policy, expectation(), makers, time(shell));
        }

        private static void add(
                List<TrustAnchors> anchors, @Nullable Path folder, TrustAnchors.Origin origin)
                throws IOException, Failure {
            if (folder != null) {
                try {
                    anchors.add(TrustAnchors.ofFolder(folder, origin));
                } catch (EvidenceFormatException wrong) {
                    throw new Failure(ExitCode.USAGE, folder + ": " + wrong.getMessage());
                }
            }
        }

        private Verifier.Expectation expectation() throws Failure {
            if (reportData == null) {
                return new Verifier.Expectation.Unknown();
            }
            if (!reportData.matches("[0-9A-Fa-f]{" + 2 * REPORT_DATA_BYTES + "}")) {
                throw new Failure(
                        ExitCode.USAGE,
                        "--report-data: expected " + REPORT_DATA_BYTES + " bytes in hexadecimal");
            }
            return new Verifier.Expectation.ReportData(Octets.ofHex(reportData));
        }

        private Instant time(Shell shell) throws Failure {
            if (at == null) {
                return shell.clock().instant();
            }
            try {
                return Instant.parse(at);
            } catch (DateTimeParseException _) {
                throw new Failure(
                        ExitCode.USAGE, "--at: expected a time such as 2026-01-31T12:00:00Z");
            }
        }
    }

    interface Reader<T> {
        T read(byte[] bytes) throws EvidenceFormatException;
    }

    static <T> T read(Path file, int lengthBytesMax, Reader<T> reader) throws IOException, Failure {
        byte[] bytes;
        try (InputStream in = Files.newInputStream(file)) {
            bytes = in.readNBytes(lengthBytesMax + 1);
        }
        try {
            return reader.read(bytes);
        } catch (EvidenceFormatException wrong) {
            throw new Failure(ExitCode.USAGE, file + ": " + wrong.getMessage());
        }
    }

    static StoredEvidence evidence(Path file) throws IOException, Failure {
        return read(file, StoredEvidence.LENGTH_BYTES_MAX, StoredEvidence::read);
    }

    private static Policy policy(Path file) throws IOException, Failure {
        return read(file, PolicyReader.LENGTH_BYTES_MAX, PolicyReader::read);
    }

    private static int show(VerificationReport report, DataCommand command) {
        String text = command.json() ? report.json() : report.text(command.terminal().colour());
        command.terminal().print(text.stripTrailing());
        return switch (report.verdict()) {
            case TRUSTED -> ExitCode.OK.number();
            case POLICY_NOT_MET -> ExitCode.POLICY.number();
            case EVIDENCE_REFUSED -> ExitCode.EVIDENCE.number();
        };
    }

    @Command(
            name = "show",
            description = {
                "Check the newest evidence of a machine anew, against what its order",
                "asked for, and show where it is kept."
            })
    static final class Show extends DataCommand {
        @Parameters(paramLabel = "NAME", description = "The machine.")
        private String name = "";

        @Override
        int run() throws IOException, RefusedException, Failure, InterruptedException {
            Choice.Machine machine = Choice.machine(coordinator(), name);
            Proof proof = Proof.of(shell(), machine.order(), machine.lease());
            terminal().note(proof.file() + " of " + proof.shownAt());
            return AttestCommand.show(proof.weigh(shell().clock().instant()), this);
        }
    }

    @Command(
            name = "verify",
            description = {
                "Verify evidence down to the makers' roots and show what it proves.",
                "Without --trust only whether it is genuine is decided."
            })
    static final class Verify extends DataCommand {
        @Mixin private Evidence evidence = new Evidence();

        @Option(
                names = "--trust",
                paramLabel = "WHAT",
                defaultValue = "open",
                description = {
                    "open, identified, measured, confidential or the",
                    "file of a policy (default: ${DEFAULT-VALUE})."
                })
        private String trust = "open";

        @Override
        int run() throws IOException, Failure {
            Optional<Level> level = Level.named(trust);
            Policy policy = level.isPresent() ? Presets.of(level.get()) : policy(Path.of(trust));
            return show(evidence.verified(policy, shell()), this);
        }
    }

    @Command(
            name = "pack",
            description = {
                "Put files of AMD's and Intel's tools together into one evidence.",
                "Each is known by what it holds: a report or quote, certificates,",
                "revocation lists, answers of Intel's service."
            })
    static final class Pack extends DataCommand {
        /// No file of evidence is longer.
        private static final int FILE_BYTES_MAX = 4 * 1024 * 1024;

        private record Packed(String evidence, int files) {}

        @Parameters(arity = "1..*", paramLabel = "FILE", description = "What to put together.")
        private List<Path> files = new ArrayList<>();

        @Option(
                names = {"-o", "--output"},
                required = true,
                paramLabel = "EVIDENCE",
                description = "The file to write.")
        private Path output = Path.of("");

        @Override
        int run() throws IOException, Failure {
            EvidencePack pack = new EvidencePack();
            for (Path file : files) {
                byte[] bytes = read(file, FILE_BYTES_MAX, read -> read);
                try {
                    pack.add(bytes);
                } catch (EvidenceFormatException unknown) {
                    throw new Failure(ExitCode.USAGE, file + ": " + unknown.getMessage());
                }
            }
            try {
                Files.writeString(output, pack.toEvidence().write());
            } catch (EvidenceFormatException missing) {
                throw new Failure(ExitCode.USAGE, missing.getMessage() + "");
            }
            print(
                    "sparegrid.attestation-pack/1",
                    new Packed(output.toString(), files.size()),
                    () ->
                            terminal()
                                    .print(
                                            "Wrote "
                                                    + output
                                                    + "; check it with sparegrid attest verify "
                                                    + output));
            return 0;
        }
    }

    /// The commands about policies.
    @Command(
            name = "policy",
            description = "Try out what a buyer wants proven.",
            subcommands = {PolicyTest.class, AppliancePolicyCommand.class})
    static final class PolicyGroup extends GroupCommand {}

    @Command(name = "test", description = "Weigh stored evidence against a policy, rule by rule.")
    static final class PolicyTest extends DataCommand {
        @Mixin private Evidence evidence = new Evidence();

        @Option(
                names = "--policy",
                required = true,
                paramLabel = "POLICY",
                description = "The file of the policy.")
        private Path policy = Path.of("");

        @Override
        int run() throws IOException, Failure {
            return show(evidence.verified(policy(policy), shell()), this);
        }
    }
}
