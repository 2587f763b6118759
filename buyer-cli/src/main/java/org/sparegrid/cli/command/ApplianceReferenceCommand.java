// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.cli.command;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.sparegrid.attestation.appliance.ApplianceBoot;
import org.sparegrid.attestation.appliance.PortableExecutable;
import org.sparegrid.attestation.appliance.UnifiedKernel;
import org.sparegrid.attestation.policy.ApplianceReference;
import org.sparegrid.attestation.wire.EvidenceFormatException;
import org.sparegrid.attestation.wire.Octets;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `attest reference`.
@Command(
        name = "reference",
        description = {
            "Foretell what the TPM of a computer shows that started an appliance's",
            "program, and write it down for policies."
        })
final class ApplianceReferenceCommand extends DataCommand {
    private static final int HASH_BYTES = 32;

    private record Written(String file, String version) {}

    @Parameters(
            paramLabel = "PROGRAM",
            description = "The program, as EFI/BOOT/BOOTX64.EFI of the appliance is.")
    private Path program = Path.of("");

    @Option(
            names = "--name",
            required = true,
            paramLabel = "VERSION",
            description = "What policies and reports call it.")
    private String version = "";

    @Option(
            names = "--root-hash",
            required = true,
            paramLabel = "HEX",
            description = "The hash of its root file system.")
    private String rootHash = "";

    @Option(
            names = {"-o", "--output"},
            required = true,
            paramLabel = "REFERENCE",
            description = "The file to write.")
    private Path output = Path.of("");

    @Override
    int run() throws IOException, Failure {
        if (!ApplianceReference.isVersion(version)) {
            throw new Failure(
                    ExitCode.USAGE,
                    "--name: expected 1 to 64 letters, digits, '.', '_', '+' and '-'");
        }
        if (!rootHash.matches("[0-9a-f]{" + 2 * HASH_BYTES + "}")) {
            throw new Failure(
                    ExitCode.USAGE,
                    "--root-hash: expected " + HASH_BYTES + " bytes in hexadecimal");
        }
        ApplianceReference reference =
                new ApplianceReference(version, Octets.ofHex(rootHash), boot());
        Files.writeString(output, reference.write());
        print(
                "sparegrid.appliance-reference-written/1",
                new Written(output.toString(), version),
                () ->
                        terminal()
                                .print(
                                        "Wrote "
                                                + output
                                                + "; sparegrid attest policy make "
                                                + output
                                                + " makes a policy of it"));
        return 0;
    }

    private ApplianceBoot boot() throws IOException, Failure {
        try (FileChannel file = FileChannel.open(program, StandardOpenOption.READ)) {
            if (file.size() > PortableExecutable.LENGTH_BYTES_MAX) {
                throw new Failure(
                        ExitCode.USAGE,
                        program
                                + ": expected a program of at most "
                                + PortableExecutable.LENGTH_BYTES_MAX
                                + " bytes");
            }
            ByteBuffer bytes = file.map(FileChannel.MapMode.READ_ONLY, 0, file.size());
            return UnifiedKernel.predict(bytes);
        } catch (EvidenceFormatException wrong) {
            throw new Failure(ExitCode.USAGE, program + ": " + wrong.getMessage());
        }
    }
}
