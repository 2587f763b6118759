// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.attestation.eventlog;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;
import org.sparegrid.attestation.tpm.HashAlgorithm;
import org.sparegrid.attestation.tpm.PcrValues;
import org.sparegrid.attestation.wire.EvidenceFormatException;
import org.sparegrid.attestation.wire.Octets;

/// The published logs, see the README beside them.
public final class Logs {
    private Logs() {}

    /// A file of the vectors.
    public static byte[] file(String name) {
        try (InputStream in = Logs.class.getResourceAsStream(name)) {
            return Objects.requireNonNull(in, name).readAllBytes();
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    /// A log of the vectors.
    public static BootLog log(String name) throws EvidenceFormatException {
        return name.contains("ccel")
                ? BootLog.parseConfidential(file(name))
                : BootLog.parse(file(name));
    }

    /// The registers that each log leads to, by file and bank.
    public static Map<String, Map<HashAlgorithm, PcrValues>> registers() {
        Map<String, Map<HashAlgorithm, SortedMap<Integer, Octets>>> values = new LinkedHashMap<>();
        String text = new String(file("registers.txt"), StandardCharsets.UTF_8);
        for (String line : text.lines().toList()) {
            String[] words = line.split(" ");
            values.computeIfAbsent(words[0], f -> new TreeMap<>())
                    .computeIfAbsent(
                            HashAlgorithm.valueOf(words[1].toUpperCase(java.util.Locale.ROOT)),
                            b -> new TreeMap<>())
                    .put(Integer.parseInt(words[2]), Octets.ofHex(words[3]));
        }
        Map<String, Map<HashAlgorithm, PcrValues>> registers = new LinkedHashMap<>();
        values.forEach((file, banks) -> {
            Map<HashAlgorithm, PcrValues> byBank = new TreeMap<>();
            banks.forEach((bank, map) -> byBank.put(bank, new PcrValues(bank, map)));
            registers.put(file, byBank);
        });
        return registers;
    }
}
