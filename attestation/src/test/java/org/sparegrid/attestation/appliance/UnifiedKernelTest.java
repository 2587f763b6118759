// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.attestation.appliance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.sparegrid.attestation.tpm.HashAlgorithm;
import org.sparegrid.attestation.wire.EvidenceFormatException;
import org.sparegrid.attestation.wire.Octets;
import org.sparegrid.testsupport.Property;

class UnifiedKernelTest {
    /// `pesign -h` 0.112 says so of the program and of its kernel.
    private static final Octets PROGRAM =
            Octets.ofHex("4fd42f5a8016406a281f8ff2402f54f94752d383b346d99516dec54346222b18");

    private static final Octets KERNEL =
            Octets.ofHex("480b0340f7f64d676bbca0e5626616b1ab4efeb7dd62e1f3fc5c5a0b727149f2");

    /// `systemd-measure calculate --bank=sha256 --phase=:` 252 says so of the same parts.
    private static final Octets SECTIONS =
            Octets.ofHex("5a4241a6dd1035e9c08a46862e558a15b580f182567bd87562cb7846d6d9120b");

    private static ApplianceBoot predict(Map<String, byte[]> parts) throws EvidenceFormatException {
        return UnifiedKernel.predict(ByteBuffer.wrap(Programs.program(parts)));
    }

    @Test
    void foretellsWhatOtherToolsDo() throws EvidenceFormatException {
        ApplianceBoot boot = predict(Programs.parts());
        assertThat(boot.programs()).containsExactly(PROGRAM, KERNEL);
        assertThat(boot.sections()).isEqualTo(SECTIONS);
        HashAlgorithm hash = HashAlgorithm.SHA256;
        byte[] line = hash.hash("console=tty0 quiet\0".getBytes(StandardCharsets.UTF_16LE));
        byte[] file = hash.hash("a first file system".getBytes(StandardCharsets.US_ASCII));
        assertThat(boot.loaded())
                .isEqualTo(Octets.of(hash.hash(hash.hash(new byte[32], line), file)));
    }

    @ParameterizedTest
    @CsvSource({
        ".text, true, false, false",
        ".osrel, true, false, true",
        ".cmdline, true, true, true",
        ".initrd, true, true, true",
        ".linux, true, false, true",
    })
    void aBitOfAnyPartChangesWhatCoversIt(
            String part, boolean programs, boolean loaded, boolean sections)
            throws EvidenceFormatException {
        ApplianceBoot before = predict(Programs.parts());
        Map<String, byte[]> parts = Programs.parts();
        byte[] bytes = parts.get(part);
        bytes[bytes.length - 1] ^= 1;
        ApplianceBoot after = predict(parts);
        assertThat(!after.programs().equals(before.programs())).isEqualTo(programs);
        assertThat(!after.loaded().equals(before.loaded())).isEqualTo(loaded);
        assertThat(!after.sections().equals(before.sections())).isEqualTo(sections);
    }

    @Test
    void aSignatureAndTheChecksumChangeNothing() throws EvidenceFormatException {
        byte[] plain = Programs.program(Programs.parts());
        ByteBuffer signed =
                ByteBuffer.allocate(plain.length + 16)
                        .order(java.nio.ByteOrder.LITTLE_ENDIAN)
                        .put(0, plain)
                        .putInt(Programs.HEADER + 88, 0x4b19)
                        .putInt(Programs.HEADER + 168, plain.length)
                        .putInt(Programs.HEADER + 172, 16)
                        .putInt(plain.length, 0xdead);
        assertThat(UnifiedKernel.predict(signed)).isEqualTo(predict(Programs.parts()));
    }

    @ParameterizedTest
    @ValueSource(strings = {".sdmagic", ".cmdline", ".linux", ".initrd"})
    void refusesAProgramWithoutAPart(String part) {
        Map<String, byte[]> parts = Programs.parts();
        parts.remove(part);
        assertThatThrownBy(() -> predict(parts))
                .isInstanceOf(EvidenceFormatException.class)
                .hasMessageContaining("expected a section " + part);
    }

    @ParameterizedTest
    @CsvSource({
        ".sdmagic, '#### LoaderInfo: systemd-stub 257.9 ####', 'expected systemd-stub 252, got 257'",
        ".sdmagic, '#### LoaderInfo: another ####', 'expected systemd-stub, got another'",
        ".cmdline, 'quiet ', 'without blanks or zeros at its ends'",
        ".cmdline, 'a\u00e4b', 'expected a command line of ASCII'",
        ".pcrsig, '{}', 'expected no signature of registers'",
        ".linux, 'no program', \"program: expected 'MZ' at offset 0\"",
    })
    void refusesWhatItCannotForetell(String part, String text, String why) {
        Map<String, byte[]> parts = Programs.parts();
        parts.put(part, text.getBytes(StandardCharsets.ISO_8859_1));
        assertThatThrownBy(() -> predict(parts))
                .isInstanceOf(EvidenceFormatException.class)
                .hasMessageContaining(why.replace("\"", ""));
    }

    @ParameterizedTest
    @CsvSource({
        "0, 0, \"expected 'MZ' at offset 0\"",
        "60, 7, 'expected an offset of the header'",
        "64, 0, \"expected 'PE' at offset 64\"",
        "88, 1, 'expected a program of 64 bits at offset 88'",
        "70, 255, 'expected at most 96 sections at offset 70'",
        "149, 0, 'headers that hold all sections'",
        "196, 2, 'a place for certificates'",
        "236, 8, 'certificates at the end of the file'",
        "350, 9, 'a section inside of the file at offset 348'",
        "349, 9, 'sections one behind the other'",
    })
    void refusesAHeaderAndSaysWhere(int at, int value, String why) {
        byte[] program = Programs.program(Programs.parts());
        program[at] = (byte) value;
        assertThatThrownBy(() -> PortableExecutable.parse(ByteBuffer.wrap(program)))
                .isInstanceOf(EvidenceFormatException.class)
                .hasMessageContaining(why.replace("\"", ""));
    }

    @Test
    void neverFailsOtherwiseOnAlteredPrograms() {
        byte[] program = Programs.program(Programs.parts());
        Property.holds(
                20_000,
                random -> {
                    byte[] altered =
                            java.util.Arrays.copyOf(
                                    program,
                                    random.nextInt(4) == 0
                                            ? random.nextInt(program.length)
                                            : program.length);
                    for (int i = random.nextInt(4); i >= 0 && altered.length > 0; i--) {
                        int headers = Math.min(altered.length, 600);
                        altered[random.nextInt(headers)] = (byte) random.nextInt(256);
                    }
                    try {
                        ApplianceBoot boot = UnifiedKernel.predict(ByteBuffer.wrap(altered));
                        assertThat(boot.programs()).hasSize(2);
                    } catch (EvidenceFormatException refused) {
                        assertThat(refused.getMessage()).matches("(program|unified kernel): .*");
                    }
                });
    }
}
