// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.attestation.eventlog;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.sparegrid.attestation.tpm.HashAlgorithm;
import org.sparegrid.attestation.wire.EvidenceFormatException;
import org.sparegrid.testsupport.Command;

/// Our replay against `tpm2_eventlog`'s. What the tool does wrong is listed here and explained in
/// docs/protocol/boot-log.md; releases that mend it pass as well.
class EventLogToolIT {
    /// The tool extends register 0 with the zeros of notes, or forgets the startup locality.
    private static final Set<String> WRONG_REGISTER_0 =
            Set.of(
                    "el_confidential-gke-debug-251000_eventlog.bin",
                    "el_eventlogwithsp800155.bin",
                    "el_gdc-host.bin",
                    "el_glinux-alex.bin");

    /// The tool crashes.
    private static final String CRASHES = "ga_option_rom_eventlog";

    @TempDir Path folder;

    private Optional<String> tool(String file) throws IOException, InterruptedException {
        Path log = Files.write(folder.resolve("log"), Logs.file(file));
        Command.Result result =
                Command.attempt(new ProcessBuilder("tpm2_eventlog", log.toString()));
        return result.exitCode() == 0 ? Optional.of(result.output()) : Optional.empty();
    }

    private static Map<String, String> registers(String yaml) {
        Map<String, String> registers = new TreeMap<>();
        String bank = "";
        boolean reached = false;
        Pattern bankLine = Pattern.compile("  (sha\\d+):");
        Pattern registerLine = Pattern.compile("\\s+(\\d+)\\s*: 0x([0-9a-fA-F]+)");
        for (String line : yaml.lines().toList()) {
            reached |= line.startsWith("pcrs:");
            Matcher bankMatch = bankLine.matcher(line);
            Matcher registerMatch = registerLine.matcher(line);
            if (reached && bankMatch.matches()) {
                bank = bankMatch.group(1);
            } else if (reached && registerMatch.matches()) {
                registers.put(
                        bank + ":" + registerMatch.group(1),
                        registerMatch.group(2).toLowerCase(Locale.ROOT));
            }
        }
        return registers;
    }

    private static Map<String, String> ours(BootLog log) {
        Map<String, String> registers = new TreeMap<>();
        for (HashAlgorithm bank : log.banks()) {
            log.replay(bank)
                    .values()
                    .forEach((register, value) ->
                            registers.put(
                                    bank.name().toLowerCase(Locale.ROOT) + ":" + register,
                                    value.toString()));
        }
        return registers;
    }

    @ParameterizedTest
    @MethodSource("org.sparegrid.attestation.eventlog.BootLogTest#logs")
    void agreesButForTheToolsKnownFaults(String file)
            throws IOException, InterruptedException, EvidenceFormatException {
        if (file.contains("ccel")) {
            return; // the tool does not read logs of confidential guests
        }
        Map<String, String> ours = ours(Logs.log(file));
        Optional<String> yaml = tool(file);
        if (file.equals(CRASHES) && yaml.isEmpty()) {
            return;
        }
        Map<String, String> theirs = registers(yaml.orElseThrow());
        if (WRONG_REGISTER_0.contains(file)) {
            ours.keySet().removeIf(key -> key.endsWith(":0"));
            theirs.keySet().removeIf(key -> key.endsWith(":0"));
        }
        assertThat(theirs).isEqualTo(ours);
    }

    @Test
    void theToolTakesVendorDataOutsideOfItsEvent() throws IOException, InterruptedException {
        assertThat(tool("tt_specid-vendordata.bin")).isPresent(); // and BootLogTest refuses it
    }
}
