// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.cli.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.sparegrid.cli.context.Context;
import org.sparegrid.cli.output.Terminal;

/// Whole command lines on evidence of a real processor (the Milan report of virtee/sev).
class AttestCommandTest {
    private static final String REPORT_DATA =
            "d447b55d197491bfe15cf298f9de9986b7a7c4be2468b4f6e2d53b71d7c64581"
                    + "0b0f2cdfca0040433be063fc1a8293f0f3f8dae7b79fecb3d1cd82bd6a93ebfd";
    private static final String POLICY =
            """
            {"version": 1, "level": "confidential",
             "tee": {"products": ["milan"], "aliasCheck": "any", "measurements": ["%s"]}}
            """
                    .formatted(
                            "7a1e5c266c0108dbc9bb94fa926951320940915d0aafb42464bd88b579ea158d"
                                    + "3e1a0dc39b2c60bd95b9c480cd81841f");

    @TempDir Path home;
    private Path evidence = Path.of("");
    private Path policy = Path.of("");
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    @BeforeEach
    void files() throws IOException {
        evidence = home.resolve("evidence.json");
        policy = home.resolve("policy.json");
        try (InputStream in = AttestCommandTest.class.getResourceAsStream("milan-evidence.json")) {
            Files.write(evidence, in.readAllBytes());
        }
        Files.writeString(policy, POLICY);
    }

    private int run(boolean colour, String... words) {
        out.reset();
        PrintStream stream = new PrintStream(out, true, StandardCharsets.UTF_8);
        return Sparegrid.commandLine(
                        new Shell(
                                new Terminal(stream, stream, false, colour, 80),
                                Map.of(),
                                Context.of(Map.of("SPAREGRID_HOME", home.toString())),
                                Clock.fixed(Instant.parse("2026-06-01T00:00:00Z"), ZoneOffset.UTC)))
                .execute(words);
    }

    private String printed() {
        return out.toString(StandardCharsets.UTF_8);
    }

    @Test
    void verifiesWithoutACoordinator() {
        assertThat(run(false, "attest", "verify", evidence.toString())).isZero();
        assertThat(printed())
                .contains("pass  snp.chain")
                .contains("pass  snp.report")
                .contains("ARK-Milan")
                .contains("guest measurement  7a1e5c266c01")
                .contains("TRUSTED as open")
                .contains("It does not prove anything about the computer.");
    }

    @Test
    void trustsWhatMeetsThePolicy() {
        assertThat(
                        run(
                                false,
                                "attest",
                                "policy",
                                "test",
                                evidence.toString(),
                                "--policy",
                                policy.toString(),
                                "--report-data",
                                REPORT_DATA))
                .isZero();
        assertThat(printed())
                .contains("TRUSTED as confidential")
                .contains("pass  tee.binding")
                .doesNotContain("FAIL")
                .doesNotContain("\u001b");
    }

    @Test
    void namesTheRuleThatIsNotMetInRed() {
        assertThat(
                        run(
                                true,
                                "attest",
                                "policy",
                                "test",
                                evidence.toString(),
                                "--policy",
                                policy.toString()))
                .isEqualTo(10);
        assertThat(printed())
                .contains("\u001b[31mFAIL\u001b[0m  tee.binding")
                .contains("[QUOTE_BINDING]");
        assertThat(run(false, "attest", "verify", evidence.toString(), "--trust", "confidential"))
                .isEqualTo(10);
        assertThat(printed()).contains("the processor is of milan, accepted are genoa, turin");
    }

    @Test
    void refusesForgedAndExpiredEvidence() throws IOException {
        String text = Files.readString(evidence);
        int at = text.indexOf("\"report\": \"") + 300;
        char other = text.charAt(at) == 'A' ? 'B' : 'A';
        Files.writeString(evidence, text.substring(0, at) + other + text.substring(at + 1));
        assertThat(run(false, "attest", "verify", evidence.toString())).isEqualTo(9);
        assertThat(printed()).contains("FAIL  snp.report").contains("the evidence is refused");
        Files.writeString(evidence, text);
        assertThat(
                        run(
                                false,
                                "attest",
                                "verify",
                                evidence.toString(),
                                "--at",
                                "2031-01-01T00:00:00Z"))
                .isEqualTo(9);
        assertThat(printed()).contains("expired on 2030-04-03");
    }

    @Test
    void printsTheReportAsJson() {
        assertThat(run(false, "attest", "verify", evidence.toString(), "--json")).isZero();
        assertThat(printed())
                .startsWith("{\n  \"schema\": \"sparegrid.attestation-report/1\",")
                .contains("\"verdict\": \"TRUSTED\"");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "--trust mesured            | mesured: there is no such file",
                "--at yesterday             | --at: expected a time such as 2026-01-31T12:00:00Z",
                "--report-data 00           | --report-data: expected 64 bytes in hexadecimal",
            })
    void saysWhatIsWrongWithTheCommandLine(String options, String message) {
        String[] words = ("attest verify " + evidence + " " + options).split(" ");
        assertThat(run(false, words)).isBetween(1, 2);
        assertThat(printed()).contains(message);
    }

    @Test
    void saysWhatIsWrongWithAFile() throws IOException {
        Files.writeString(policy, "{\"version\": 1, \"level\": \"confidental\"}");
        assertThat(
                        run(
                                false,
                                "attest",
                                "verify",
                                evidence.toString(),
                                "--trust",
                                policy.toString()))
                .isEqualTo(2);
        assertThat(printed()).contains("did you mean 'confidential'");
        Files.writeString(evidence, "{\"version\": 1, \"snpp\": {}}");
        assertThat(run(false, "attest", "verify", evidence.toString())).isEqualTo(2);
        assertThat(printed()).contains("unknown member 'snpp'; did you mean 'snp'");
        assertThat(run(false, "attest", "verify", home.resolve("gone").toString())).isEqualTo(1);
        assertThat(printed()).contains("there is no such file");
    }

    @Test
    void putsFilesOfOtherToolsTogether() throws IOException {
        // The evidence holds both; what snpguest writes is their bytes.
        String text = Files.readString(evidence);
        Path report = home.resolve("report.bin");
        Path key = home.resolve("vcek.der");
        Files.write(report, member(text, "report"));
        Files.write(key, member(text, "certificate"));
        Path packed = home.resolve("packed.json");
        assertThat(
                        run(
                                false,
                                "attest",
                                "pack",
                                report.toString(),
                                key.toString(),
                                "-o",
                                packed.toString()))
                .isZero();
        assertThat(packed).hasSameTextualContentAs(evidence);
        assertThat(run(false, "attest", "verify", packed.toString())).isZero();
        assertThat(run(false, "attest", "pack", report.toString(), "-o", packed.toString()))
                .isEqualTo(2);
        assertThat(printed()).contains("expected the certificate of the report's VCEK or VLEK");
    }

    private static byte[] member(String text, String name) {
        var value = java.util.regex.Pattern.compile("\"" + name + "\": \"([^\"]*)\"").matcher(text);
        assertThat(value.find()).isTrue();
        return java.util.Base64.getUrlDecoder().decode(value.group(1));
    }
}
