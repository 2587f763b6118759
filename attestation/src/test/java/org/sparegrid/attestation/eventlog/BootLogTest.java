// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.attestation.eventlog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.sparegrid.attestation.tpm.HashAlgorithm;
import org.sparegrid.attestation.tpm.PcrValues;
import org.sparegrid.attestation.wire.EvidenceFormatException;
import org.sparegrid.attestation.wire.Octets;
import org.sparegrid.testsupport.Property;

class BootLogTest {
    static Stream<String> logs() {
        return Logs.registers().keySet().stream();
    }

    @ParameterizedTest
    @MethodSource("logs")
    void leadsToTheRegistersOfTheMachine(String file) throws EvidenceFormatException {
        BootLog log = Logs.log(file);
        Map<HashAlgorithm, PcrValues> expected = Logs.registers().get(file);
        for (Map.Entry<HashAlgorithm, PcrValues> entry : expected.entrySet()) {
            assertThat(log.replay(entry.getKey())).isEqualTo(entry.getValue());
            assertThat(log.explain(entry.getValue())).isEqualTo(new ReplayResult.Explained());
        }
    }

    @Test
    void everyLogWithMeasurementsHasRegistersToCompareWith() {
        assertThat(logs()).hasSize(34);
    }

    /// What the machine's TPM had, given beside the log by its publisher.
    @Test
    void explainsTheRegistersOfAWindowsMachine() throws EvidenceFormatException {
        String json =
                new String(Logs.file("ga_windows_gcp_shielded_vm.json"), StandardCharsets.UTF_8);
        Matcher raw = Pattern.compile("\"Raw\": *\"([^\"]+)\"").matcher(json);
        assertThat(raw.find()).isTrue();
        BootLog log = BootLog.parse(Base64.getDecoder().decode(raw.group(1)));
        Matcher register =
                Pattern.compile("\"Index\": *(\\d+), *\\s*\"Digest\": *\"([^\"]+)\"").matcher(json);
        SortedMap<Integer, Octets> values = new TreeMap<>();
        while (register.find()) {
            values.put(
                    Integer.parseInt(register.group(1)),
                    Octets.of(Base64.getDecoder().decode(register.group(2))));
        }
        assertThat(values).hasSize(24);
        assertThat(log.explain(new PcrValues(HashAlgorithm.SHA1, values)))
                .isEqualTo(new ReplayResult.Explained());
    }

    @Test
    void namesTheRegisterThatALogDoesNotExplain() throws EvidenceFormatException {
        BootLog log = Logs.log("own_ovmf_uki.bin");
        PcrValues values = log.replay(HashAlgorithm.SHA256);
        TreeMap<Integer, Octets> changed = new TreeMap<>(values.values());
        Octets other = Octets.repeated(1, 32);
        Octets real = changed.put(11, other);
        assertThat(log.explain(new PcrValues(HashAlgorithm.SHA256, changed)))
                .isEqualTo(new ReplayResult.Differs(11, other, real));
        TreeMap<Integer, Octets> more = new TreeMap<>(values.values());
        more.put(12, other);
        assertThat(log.explain(new PcrValues(HashAlgorithm.SHA256, more)))
                .isEqualTo(new ReplayResult.Differs(12, other, Octets.repeated(0, 32)));
        assertThat(log.explain(new PcrValues(HashAlgorithm.SHA384, new TreeMap<>())))
                .isEqualTo(new ReplayResult.NoBank(HashAlgorithm.SHA384));
        assertThatThrownBy(() -> log.replay(HashAlgorithm.SHA1))
                .isInstanceOf(IllegalArgumentException.class);
    }

    /// A type is not measured, so changing one must neither hide an event nor pass unnoticed where
    /// it counts.
    @Test
    void relabelledEventsDoNotReplay() throws EvidenceFormatException {
        BootLog log = Logs.log("el_rhel8-uefi.bin");
        PcrValues values = log.replay(HashAlgorithm.SHA256);
        for (int i = 0; i < log.events().size(); i++) {
            BootEvent event = log.events().get(i);
            List<BootEvent> events = new ArrayList<>(log.events());
            events.set(
                    i,
                    new BootEvent(
                            event.register(), BootEvent.NO_ACTION, event.digests(), event.data()));
            BootLog relabelled = new BootLog(log.banks(), log.startupLocality(), events);
            assertThat(relabelled.explain(values))
                    .isInstanceOf(
                            event.extended()
                                    ? ReplayResult.Differs.class
                                    : ReplayResult.Explained.class);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "el_rhel8-uefi.bin, ENABLED",
        "el_cos-101-amd-sev.bin, ENABLED",
        "el_ubuntu-1804-amd-sev.bin, DISABLED",
        "el_ubuntu-2104-no-secure-boot.bin, DISABLED",
        "ga_coreos_36_shielded_vm_no_secure_boot_eventlog, DISABLED",
        "own_ovmf_uki.bin, DISABLED",
        "el_arch-linux-workstation.bin, UNKNOWN",
        "tt_event.bin, UNKNOWN",
    })
    void seesWhetherSignaturesWereChecked(String file, SecureBoot expected)
            throws EvidenceFormatException {
        BootLog log = Logs.log(file);
        assertThat(SecureBoot.of(log, HashAlgorithm.SHA256)).isEqualTo(expected);
    }

    @Test
    void changedOrRepeatedVariablesMakeSecureBootUnknown() throws EvidenceFormatException {
        BootLog log = Logs.log("el_ubuntu-2104-no-secure-boot.bin");
        int at = 0;
        while (!(log.events().get(at).register() == 7 && log.events().get(at).extended())) {
            at++;
        }
        BootEvent event = log.events().get(at);
        byte[] data = event.data().toBytes();
        data[data.length - 1] = 1;
        List<BootEvent> lied = new ArrayList<>(log.events());
        lied.set(
                at,
                new BootEvent(event.register(), event.type(), event.digests(), Octets.of(data)));
        assertThat(SecureBoot.of(new BootLog(log.banks(), 0, lied), HashAlgorithm.SHA256))
                .isEqualTo(SecureBoot.UNKNOWN);
        List<BootEvent> twice = new ArrayList<>(log.events());
        twice.add(at, event);
        assertThat(SecureBoot.of(new BootLog(log.banks(), 0, twice), HashAlgorithm.SHA256))
                .isEqualTo(SecureBoot.UNKNOWN);
    }

    private static byte[] agile(int hashes, String digests, String data) {
        ByteArrayOutputStream spec = new ByteArrayOutputStream();
        spec.writeBytes("Spec ID Event03\0".getBytes(StandardCharsets.US_ASCII));
        spec.writeBytes(HexFormat.of().parseHex("0000000000020002"));
        spec.writeBytes(HexFormat.of().parseHex("%02x000000".formatted(hashes)));
        for (int i = 0; i < hashes; i++) {
            spec.writeBytes(
                    HexFormat.of()
                            .parseHex(i == 0 ? "0b002000" : i == 1 ? "12002000" : "04001400"));
        }
        spec.write(0);
        ByteArrayOutputStream log = new ByteArrayOutputStream();
        log.writeBytes(HexFormat.of().parseHex("0000000003000000" + "00".repeat(20)));
        log.writeBytes(
                ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putInt(spec.size()).array());
        log.writeBytes(spec.toByteArray());
        log.writeBytes(HexFormat.of().parseHex(digests));
        log.writeBytes(HexFormat.of().parseHex(data));
        return log.toByteArray();
    }

    @Test
    void keepsHashesThatItDoesNotKnowAside() throws EvidenceFormatException {
        byte[] log =
                agile(
                        2,
                        "0100000004000000"
                                + "020000000b00"
                                + "11".repeat(32)
                                + "1200"
                                + "22".repeat(32),
                        "00000000");
        BootLog read = BootLog.parse(log);
        assertThat(read.banks()).containsExactly(HashAlgorithm.SHA256);
        assertThat(read.digests(1, HashAlgorithm.SHA256))
                .containsExactly(Octets.repeated(0x11, 32));
    }

    /// Header of a second event of a log with SHA-256 alone, and the complaint.
    @ParameterizedTest
    @CsvSource({
        "1800000004000000, '', 'expected a register up to 23 at offset 65, got 0x18'",
        "ffffffff04000000, '', 'expected a note, which has no register at offset 69, got 0x4'",
        "000000000400000000000000, '', 'expected 1 to 1 digests at offset 73, got 0x0'",
        "000000000400000002000000, '', 'expected 1 to 1 digests at offset 73, got 0x2'",
        "0000000004000000010000000400, '', 'each hash of the first event once at offset 77'",
        "0000000004000000010000000b00, 00, 'expected 32 bytes at offset 79, got only 1'",
    })
    void refusesEventsAndSaysWhy(String header, String rest, String why) {
        assertThatThrownBy(() -> BootLog.parse(agile(1, header, rest)))
                .isInstanceOf(EvidenceFormatException.class)
                .hasMessageStartingWith("boot log: ")
                .hasMessageContaining(why);
    }

    @Test
    void refusesDataBeyondTheEnd() {
        String event = "0000000004000000010000000b00" + "00".repeat(32);
        assertThatThrownBy(() -> BootLog.parse(agile(1, event, "ffffffff")))
                .hasMessageContaining("expected at most 4194304 bytes at offset 111");
        assertThatThrownBy(() -> BootLog.parse(agile(1, event, "02000000ff")))
                .hasMessageContaining("expected 2 bytes at offset 115, got only 1");
    }

    @Test
    void refusesALateOrOddLocality() {
        String zeros = "010000000b00" + "00".repeat(32);
        String note = "0000000003000000" + zeros + "11000000";
        String locality =
                HexFormat.of().formatHex("StartupLocality\0".getBytes(StandardCharsets.US_ASCII));
        String measured = "0000000004000000" + zeros + "00000000";
        assertThatThrownBy(() -> BootLog.parse(agile(1, note, locality + "02")))
                .hasMessageContaining("expected locality 0, 3 or 4");
        assertThatThrownBy(() -> BootLog.parse(agile(1, measured, note + locality + "03")))
                .hasMessageContaining("expected the locality before register 0 is extended");
    }

    @Test
    void takesAFirstNoteOfAnotherKind() throws EvidenceFormatException {
        BootLog log = Logs.log("ga_short_no_action_eventlog");
        assertThat(log.events()).hasSize(1);
        assertThat(log.replay(HashAlgorithm.SHA1).values()).isEmpty();
    }

    /// Its vendor's data is longer than the event that holds it; tpm2-tools read on behind it.
    @Test
    void refusesVendorDataOutsideOfItsEvent() {
        assertThatThrownBy(() -> Logs.log("tt_specid-vendordata.bin"))
                .isInstanceOf(EvidenceFormatException.class)
                .hasMessage("boot log's first event: expected 4 bytes at offset 37, got only 0");
    }

    @Test
    void refusesRepeatedOrTooManyHashesInTheFirstEvent() {
        assertThatThrownBy(() -> BootLog.parse(agile(4, "", "")))
                .hasMessageContaining("expected each hash once");
        assertThatThrownBy(() -> BootLog.parse(agile(9, "", "")))
                .hasMessageContaining("expected 1 to 8 hashes at offset 24, got 0x9");
    }

    @Test
    void readsNoConfidentialLogAsATpms() throws EvidenceFormatException {
        byte[] confidential = Logs.file("tdx_ccel_data.dat");
        assertThatThrownBy(() -> BootLog.parse(confidential))
                .isInstanceOf(EvidenceFormatException.class);
        assertThatThrownBy(() -> BootLog.parseConfidential(Logs.file("tt_event-uefi-sha1-log.bin")))
                .hasMessageContaining("expected a crypto agile log");
        byte[] broken = confidential.clone();
        broken[broken.length - 1] = 0;
        assertThatThrownBy(() -> BootLog.parseConfidential(broken))
                .isInstanceOf(EvidenceFormatException.class);
        assertThat(BootLog.parseConfidential(confidential).events()).hasSize(43);
    }

    @Test
    void changedLogsAreRefusedOrDoNotReplay() throws EvidenceFormatException {
        byte[] log = Logs.file("own_ovmf_uki.bin");
        PcrValues values = BootLog.parse(log).replay(HashAlgorithm.SHA256);
        List<Octets> sequence = BootLog.parse(log).digests(11, HashAlgorithm.SHA256);
        Property.holds(
                5_000,
                random -> {
                    byte[] changed = Arrays.copyOf(log, log.length);
                    int bit = random.nextInt(log.length * 8);
                    changed[bit / 8] ^= (byte) (1 << bit % 8);
                    if (random.nextInt(4) == 0) {
                        changed = Arrays.copyOf(changed, random.nextInt(log.length));
                    }
                    try {
                        BootLog read = BootLog.parse(changed);
                        if (read.explain(values) instanceof ReplayResult.Explained) {
                            assertThat(read.digests(11, HashAlgorithm.SHA256)).isEqualTo(sequence);
                        }
                    } catch (EvidenceFormatException expected) {
                        assertThat(expected).hasMessageStartingWith("boot log");
                    }
                });
    }
}
