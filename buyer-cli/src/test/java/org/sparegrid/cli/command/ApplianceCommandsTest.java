// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.cli.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.sparegrid.attestation.policy.Policy;
import org.sparegrid.attestation.policy.PolicyReader;
import org.sparegrid.attestation.wire.EvidenceFormatException;
import org.sparegrid.cli.context.Context;
import org.sparegrid.cli.output.Terminal;

class ApplianceCommandsTest {
    private static final String REFERENCE =
            """
            {"schema": "sparegrid.appliance-reference/1", "version": "%s", "rootHash": "%s",
             "programs": ["sha256:%s"], "pcr": {"9": "%s", "11": "%s"}}
            """;

    @TempDir Path home;
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    private int run(String... words) {
        out.reset();
        PrintStream stream = new PrintStream(out, true, StandardCharsets.UTF_8);
        return Sparegrid.commandLine(
                        new Shell(
                                new Terminal(stream, stream, false, false, 80),
                                Map.of(),
                                Context.of(Map.of("SPAREGRID_HOME", home.toString())),
                                Clock.fixed(Instant.parse("2026-06-01T00:00:00Z"), ZoneOffset.UTC)))
                .execute(words);
    }

    private String printed() {
        return out.toString(StandardCharsets.UTF_8);
    }

    private Path reference(String file, String version) throws IOException {
        String hash = "ab".repeat(32);
        return Files.writeString(
                home.resolve(file), REFERENCE.formatted(version, hash, hash, hash, hash));
    }

    @Test
    void aPolicyNamesTheAppliancesThatItIsMadeOf() throws IOException, EvidenceFormatException {
        String one = reference("one.json", "1.0").toString();
        String two = reference("two.json", "2.0").toString();
        Path written = home.resolve("policy.json");
        assertThat(
                        run(
                                "attest",
                                "policy",
                                "make",
                                one,
                                two,
                                "--any-firmware",
                                "-o",
                                written.toString()))
                .isZero();
        assertThat(printed()).contains("--trust " + written);
        Policy policy = PolicyReader.read(Files.readAllBytes(written));
        assertThat(policy.boot().appliances()).containsOnlyKeys("1.0", "2.0");
        assertThat(policy.boot().secureBootRequired()).isFalse();
        assertThat(run("attest", "policy", "make", one)).isZero();
        assertThat(
                        PolicyReader.read(printed().getBytes(StandardCharsets.UTF_8))
                                .boot()
                                .secureBootRequired())
                .isTrue();
    }

    @Test
    void aPolicyIsNotMadeOfWhatContradictsItself() throws IOException {
        String one = reference("one.json", "1.0").toString();
        String same = reference("same.json", "1.0").toString();
        assertThat(run("attest", "policy", "make", one, same)).isEqualTo(2);
        assertThat(printed()).contains("two of the references have one version");
        Files.writeString(home.resolve("one.json"), "{}");
        assertThat(run("attest", "policy", "make", one)).isEqualTo(2);
        assertThat(printed()).contains("one.json: reference: expected a member 'schema'");
    }

    @Test
    void aReferenceIsMadeOfAnAppliancesProgramOnly() throws IOException {
        Path program = Files.writeString(home.resolve("program"), "no program");
        String output = home.resolve("reference.json").toString();
        String hash = "ab".repeat(32);
        String[] words = {
            "attest",
            "reference",
            program.toString(),
            "--name",
            "1.0",
            "--root-hash",
            hash,
            "-o",
            output
        };
        assertThat(run(words)).isEqualTo(2);
        assertThat(printed()).contains("program: expected 'MZ' at offset 0");
        words[6] = "ab";
        assertThat(run(words)).isEqualTo(2);
        assertThat(printed()).contains("--root-hash: expected 32 bytes");
        words[4] = "1 0";
        assertThat(run(words)).isEqualTo(2);
        assertThat(printed()).contains("--name: expected");
        assertThat(home.resolve("reference.json")).doesNotExist();
    }
}
