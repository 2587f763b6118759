// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.attestation.eventlog;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.sparegrid.attestation.tpm.HashAlgorithm;
import org.sparegrid.attestation.tpm.PcrValues;
import org.sparegrid.attestation.wire.EvidenceFormatException;
import org.sparegrid.attestation.wire.Octets;

/// What firmware and boot loaders say that they measured into the registers of a TPM or, in a
/// confidential guest, of the processor.
///
/// The log itself is not signed: it is true where [#replay] gives the quoted values.
///
/// @param banks the banks that the log has digests for and this library computes
/// @param startupLocality what register 0 starts with in its last byte
/// @param events all events in their order, notes included
public record BootLog(Set<HashAlgorithm> banks, int startupLocality, List<BootEvent> events) {
    /// Longest log that is read. Real logs are below 200 KiB.
    public static final int LENGTH_MAX = 4 << 20;

    /// Where Linux shows the log of the TPM.
    public static final String LINUX_PATH = "/sys/kernel/security/tpm0/binary_bios_measurements";

    /// Copies the collections.
    public BootLog {
        banks = Set.copyOf(banks);
        events = List.copyOf(events);
    }

    /// Reads a TPM's log, in the format of TPM 1.2 (SHA-1) or the crypto agile one.
    ///
    /// @throws EvidenceFormatException if any byte of it is not as specified
    public static BootLog parse(byte[] log) throws EvidenceFormatException {
        return BootLogReader.tpm(log);
    }

    /// Reads the log of a confidential guest (CCEL), which ends in padding.
    ///
    /// Its register 1 is the processor's RTMR 0, and so on; register 0 is the build's MRTD.
    ///
    /// @throws EvidenceFormatException if any byte of it is not as specified
    public static BootLog parseConfidential(byte[] log) throws EvidenceFormatException {
        return BootLogReader.confidential(log);
    }

    /// The values that the registers have if the log is true. Registers without an event are left
    /// out: they keep what they had after the start.
    ///
    /// @throws IllegalArgumentException if the log has no such bank
    public PcrValues replay(HashAlgorithm bank) {
        if (!banks.contains(bank)) {
            throw new IllegalArgumentException(
                    "boot log: expected one of " + banks + ", got " + bank);
        }
        Map<Integer, byte[]> registers = new HashMap<>();
        for (BootEvent event : events) {
            Octets digest = event.digests().get(bank);
            if (event.extended() && digest != null) {
                byte[] before = registers.computeIfAbsent(event.register(), r -> initial(bank, r));
                registers.put(event.register(), bank.hash(before, digest.toBytes()));
            }
        }
        SortedMap<Integer, Octets> values = new TreeMap<>();
        registers.forEach((register, value) -> values.put(register, Octets.of(value)));
        return new PcrValues(bank, values);
    }

    private byte[] initial(HashAlgorithm bank, int register) {
        byte[] value = new byte[bank.lengthBytes()];
        if (register >= 17 && register <= 22) {
            java.util.Arrays.fill(value, (byte) 0xff);
        }
        if (register == 0) {
            value[value.length - 1] = (byte) startupLocality;
        }
        return value;
    }

    /// Compares the log with quoted values.
    ///
    /// @param quoted registers that the log has to explain; one that the log does not mention has
    ///   to have its value after the start
    public ReplayResult explain(PcrValues quoted) {
        if (!banks.contains(quoted.bank())) {
            return new ReplayResult.NoBank(quoted.bank());
        }
        SortedMap<Integer, Octets> replayed = replay(quoted.bank()).values();
        for (Map.Entry<Integer, Octets> entry : quoted.values().entrySet()) {
            int register = entry.getKey();
            Octets value = replayed.get(register);
            if (value == null) {
                value = Octets.of(initial(quoted.bank(), register));
            }
            if (!value.equals(entry.getValue())) {
                return new ReplayResult.Differs(register, entry.getValue(), value);
            }
        }
        return new ReplayResult.Explained();
    }

    /// The digests that were extended into one register, in order.
    public List<Octets> digests(int register, HashAlgorithm bank) {
        return events.stream()
                .filter(event -> event.extended() && event.register() == register)
                .flatMap(event -> java.util.stream.Stream.ofNullable(event.digests().get(bank)))
                .toList();
    }
}
