// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.attestation.ima;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.sparegrid.attestation.tpm.HashAlgorithm;
import org.sparegrid.attestation.wire.EvidenceFormatException;
import org.sparegrid.attestation.wire.Octets;
import org.sparegrid.testsupport.Property;

/// The events are lines of the kernel's text form that others published; we write the binary form.
class ImaLogTest {
    /// keylime/keylime, test/test_ima_verification.py, Apache-2.0.
    private static final byte[] AGGREGATE =
            event(
                    "0c8a706a75a5689c1e168f0a573a3cbec33061b5",
                    "ima-sig",
                    "e4cb9f5709c88376b5fc3743cd88e76b9aae8f3d992d845678de5215edb31216",
                    "boot_aggregate");

    private static final byte[] MODULE =
            event(
                    "5426cf3031a43f5bfca183d79950698a95a728f6",
                    "ima-sig",
                    "f1125b940480d20ad841d26d5ea253edc0704b5ec1548c891edf212cb1a9365e",
                    "/lib/modules/5.4.48-openpower1/kernel/drivers/usb/common/usb-common.ko");

    private static byte[] sized(byte[] bytes) {
        return ByteBuffer.allocate(4 + bytes.length)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putInt(bytes.length)
                .put(bytes)
                .array();
    }

    private static byte[] text(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    static byte[] event(String digest, String template, String fileDigest, String path) {
        ByteArrayOutputStream hashed = new ByteArrayOutputStream();
        hashed.writeBytes(text("sha256:\0"));
        hashed.writeBytes(HexFormat.of().parseHex(fileDigest));
        ByteArrayOutputStream data = new ByteArrayOutputStream();
        data.writeBytes(sized(hashed.toByteArray()));
        data.writeBytes(sized(text(path + "\0")));
        if (template.equals("ima-sig")) {
            data.writeBytes(sized(new byte[0]));
        }
        ByteArrayOutputStream event = new ByteArrayOutputStream();
        event.writeBytes(new byte[] {10, 0, 0, 0});
        event.writeBytes(HexFormat.of().parseHex(digest));
        event.writeBytes(sized(text(template)));
        event.writeBytes(sized(data.toByteArray()));
        return event.toByteArray();
    }

    private static byte[] log(byte[]... events) {
        ByteArrayOutputStream log = new ByteArrayOutputStream();
        for (byte[] event : events) {
            log.writeBytes(event);
        }
        return log.toByteArray();
    }

    @Test
    void readsWhatTheKernelMeasured() throws EvidenceFormatException {
        ImaLog log = ImaLog.parse(log(AGGREGATE, MODULE));
        assertThat(log.events()).hasSize(2);
        ImaEvent event = log.events().getLast();
        assertThat(event.register()).isEqualTo(10);
        assertThat(event.template()).isEqualTo("ima-sig");
        assertThat(event.hash()).isEqualTo("sha256");
        assertThat(event.fileDigest())
                .hasToString("f1125b940480d20ad841d26d5ea253edc0704b5ec1548c891edf212cb1a9365e");
        assertThat(event.path()).endsWith("/usb-common.ko");
        assertThat(event.violation()).isFalse();
    }

    /// keylime/keylime, test/data/create-runtime-policy/ima-log-sha256, Apache-2.0.
    @Test
    void readsTheTemplateWithoutSignatures() throws EvidenceFormatException {
        byte[] aggregate =
                event(
                        "6309e2c83b7814367bb3912a55e5473454623535",
                        "ima-ng",
                        "f4845392eca429a4c941a6a07fc32faf843a88c5c3dfa3b9329ab8f4171d9ce3",
                        "boot_aggregate");
        byte[] data =
                event(
                        "80255d9c7dad91ef5f21b18560a47642d6f4d653",
                        "ima-ng",
                        "96d7fae8adb7286a419a88f78c13d35fb782d63df654b7db56f154765698b754",
                        "/data");
        assertThat(ImaLog.parse(log(aggregate, data)).events())
                .extracting(ImaEvent::path)
                .containsExactly("boot_aggregate", "/data");
    }

    /// The digest in the bank of SHA-256 is published with the line.
    @Test
    void hashesTheDataAnewForOtherBanks() throws EvidenceFormatException {
        byte[] event =
                event(
                        "8aa71d146be2b1a0a53cb603be22928f1b74ae17",
                        "ima-sig",
                        "94326940137a8f59b369d1aa058bccce58cbda37e68be0f138ea45c2cb743a46",
                        "boot_aggregate");
        ImaLog log = ImaLog.parse(event);
        Octets extended =
                Octets.ofHex("cc1078d3b981e8ef52b3d4d9cffc2f27648d05947d4caa829e47f83fb8f8ed00");
        assertThat(log.events().getFirst().extended(HashAlgorithm.SHA256)).isEqualTo(extended);
        assertThat(log.replay(10, HashAlgorithm.SHA256))
                .isEqualTo(Octets.of(HashAlgorithm.SHA256.hash(new byte[32], extended.toBytes())));
        assertThat(log.replay(10, HashAlgorithm.SHA1))
                .isEqualTo(
                        Octets.of(
                                HashAlgorithm.SHA1.hash(
                                        new byte[20],
                                        HexFormat.of()
                                                .parseHex(
                                                        "8aa71d146be2b1a0a53cb603be22928f1b74ae17"))));
        assertThat(log.replay(9, HashAlgorithm.SHA256)).isEqualTo(Octets.repeated(0, 32));
    }

    @Test
    void aViolationExtendsOnes() throws EvidenceFormatException {
        byte[] event = event("00".repeat(20), "ima-ng", "00".repeat(32), "/var/log/messages");
        ImaLog log = ImaLog.parse(event);
        assertThat(log.events().getFirst().violation()).isTrue();
        byte[] ones = Octets.repeated(0xff, 32).toBytes();
        assertThat(log.replay(10, HashAlgorithm.SHA256))
                .isEqualTo(Octets.of(HashAlgorithm.SHA256.hash(new byte[32], ones)));
    }

    @Test
    void findsHowFarAQuoteReaches() throws EvidenceFormatException {
        Octets one = ImaLog.parse(AGGREGATE).replay(10, HashAlgorithm.SHA256);
        ImaLog both = ImaLog.parse(log(AGGREGATE, MODULE));
        assertThat(both.eventsUntil(10, HashAlgorithm.SHA256, one)).isEqualTo(1);
        assertThat(
                        both.eventsUntil(
                                10, HashAlgorithm.SHA256, both.replay(10, HashAlgorithm.SHA256)))
                .isEqualTo(2);
        ImaLog swapped = ImaLog.parse(log(MODULE, AGGREGATE));
        assertThat(swapped.eventsUntil(10, HashAlgorithm.SHA256, one)).isEqualTo(-1);
    }

    /// Bytes to change in an event, and the complaint.
    @ParameterizedTest
    @CsvSource({
        "0, 18, 'ima log: expected a register up to 23 at offset 0, got 0x18'",
        "4, 00, 'ima log: expected the digest of the data at offset 4'",
        "24, ff, 'ima log: expected at most 32 bytes at offset 24, got 0xff'",
        "28, 58, 'ima log: expected a template of'",
        "35, ff, 'ima log: expected 255 bytes at offset 39, got only 67'",
        "39, 99, 'template data: expected 153 bytes at offset 4, got only 63'",
        "49, 58, 'template data: expected name of a hash, colon and zero at offset 4'",
    })
    void refusesEventsAndSaysWhy(int offset, String hex, String why) {
        byte[] bytes = AGGREGATE.clone();
        bytes[offset] = HexFormat.of().parseHex(hex)[0];
        assertThatThrownBy(() -> ImaLog.parse(bytes))
                .isInstanceOf(EvidenceFormatException.class)
                .hasMessageContaining(why);
    }

    @Test
    void changedLogsAreRefusedOrReplayOtherwise() throws EvidenceFormatException {
        byte[] log = log(AGGREGATE, MODULE);
        Octets value = ImaLog.parse(log).replay(10, HashAlgorithm.SHA256);
        for (int bit = 0; bit < log.length * 8; bit++) {
            byte[] changed = log.clone();
            changed[bit / 8] ^= (byte) (1 << bit % 8);
            try {
                assertThat(ImaLog.parse(changed).replay(10, HashAlgorithm.SHA256))
                        .isNotEqualTo(value);
            } catch (EvidenceFormatException expected) {
                assertThat(expected).hasMessageStartingWith("ima log");
            }
        }
    }

    @Test
    void neverFailsOtherwiseOnAnyBytes() {
        byte[] log = log(AGGREGATE, MODULE);
        Property.holds(
                20_000,
                random -> {
                    byte[] any = Arrays.copyOf(log, random.nextInt(2 * log.length));
                    for (int i = random.nextInt(8); i > 0 && any.length > 0; i--) {
                        any[random.nextInt(any.length)] = (byte) random.nextInt();
                    }
                    try {
                        ImaLog.parse(any).replay(10, HashAlgorithm.SHA256);
                    } catch (EvidenceFormatException expected) {
                        assertThat(expected).hasMessageStartingWith("ima log");
                    }
                });
    }
}
