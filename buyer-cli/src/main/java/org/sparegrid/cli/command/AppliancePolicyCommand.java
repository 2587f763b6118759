// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.cli.command;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.sparegrid.attestation.policy.AppliancePolicy;
import org.sparegrid.attestation.policy.ApplianceReference;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `attest policy make`.
@Command(
        name = "make",
        description = {
            "Make a policy of level measured that accepts computers which booted one",
            "of these appliances, unaltered, and no others."
        })
final class AppliancePolicyCommand extends DataCommand {
    private record Written(@Nullable String file, String policy) {}

    @Parameters(
            arity = "1..*",
            paramLabel = "REFERENCE",
            description = "What the builder of an appliance publishes beside it.")
    private List<Path> files = new ArrayList<>();

    @Option(
            names = "--any-firmware",
            description = {
                "Accept computers whose firmware checks no signatures",
                "(Secure Boot is off)."
            })
    private boolean anyFirmware;

    @Option(
            names = {"-o", "--output"},
            paramLabel = "POLICY",
            description = "The file to write (default: print it).")
    private @Nullable Path output;

    @Override
    int run() throws IOException, Failure {
        List<ApplianceReference> references = new ArrayList<>();
        for (Path file : files) {
            references.add(
                    AttestCommand.read(
                            file, ApplianceReference.LENGTH_BYTES_MAX, ApplianceReference::read));
        }
        if (references.stream().map(ApplianceReference::version).distinct().count()
                != references.size()) {
            throw new Failure(ExitCode.USAGE, "two of the references have one version");
        }
        String policy = AppliancePolicy.text(references, !anyFirmware);
        Path file = output;
        if (file != null) {
            Files.writeString(file, policy);
        }
        print(
                "sparegrid.appliance-policy/1",
                new Written(file == null ? null : file.toString(), policy),
                () ->
                        terminal()
                                .print(
                                        file == null
                                                ? policy.stripTrailing()
                                                : "Wrote "
                                                        + file
                                                        + "; order with --trust "
                                                        + file));
        return 0;
    }
}
