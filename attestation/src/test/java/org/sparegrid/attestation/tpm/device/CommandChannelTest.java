// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.attestation.tpm.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.sparegrid.attestation.tpm.HashAlgorithm;
import org.sparegrid.attestation.tpm.PcrSelection;
import org.sparegrid.attestation.wire.Octets;
import org.sparegrid.testsupport.Property;

class CommandChannelTest {
    /// A TPM that gives prepared responses and keeps the commands.
    private static final class Script implements TpmConnection {
        private final Deque<byte[]> responses = new ArrayDeque<>();
        private final List<String> commands = new ArrayList<>();

        Script(String... responses) {
            for (String response : responses) {
                this.responses.add(HexFormat.of().parseHex(response));
            }
        }

        @Override
        public byte[] transmit(byte[] command) {
            commands.add(HexFormat.of().formatHex(command));
            return responses.remove();
        }

        @Override
        public void close() {}
    }

    private static Tpm tpm(Script script) {
        return new Tpm(script, new SecureRandom());
    }

    @Test
    void sendsWhatTheSpecificationSays() throws IOException {
        Script script =
                new Script("80010000000a00000000", "80020000001300000000000000000000000000");
        tpm(script).startup();
        tpm(script).state().extend(15, HashAlgorithm.SHA256, Octets.repeated(0xab, 32));
        assertThat(script.commands)
                .containsExactly(
                        "80010000000c000001440000",
                        "800200000041000001820000000f00000009400000090000000000"
                                + "00000001000b"
                                + "ab".repeat(32));
    }

    @Test
    void aTpmThatRunsIsNotStartedAgain() throws IOException {
        tpm(new Script("80010000000a00000100")).startup();
    }

    @Test
    void asksAgainWhileTheTpmIsBusy() throws IOException {
        Script script =
                new Script(
                        "80010000000a00000922",
                        "80010000000a0000090a",
                        "80010000001b000000000000000006000000010000010549424d00");
        assertThat(tpm(script).state().manufacturer()).isEqualTo("IBM");
        assertThat(script.commands).hasSize(3).containsOnly(script.commands.getFirst());
    }

    @ParameterizedTest
    @CsvSource({
        "80010000000a0000099d, 'the policy is not met (0x99d)', true",
        "80010000000a00000128, 'the registers changed after the policy was checked (0x128)', true",
        "80010000000a000001df, 'the integrity check failed (0x1df)', false",
        "80010000000a00000903, 'it has no room for another session (0x903)', false",
    })
    void refusalsSayWhatIsMeant(String response, String why, boolean policyFailed) {
        assertThatThrownBy(() -> tpm(new Script(response)).readPublic(0x8000_0000L))
                .isInstanceOfSatisfying(
                        TpmException.class,
                        refused -> assertThat(refused.policyFailed()).isEqualTo(policyFailed))
                .hasMessage("TPM refused ReadPublic: " + why);
    }

    @ParameterizedTest
    @CsvSource({
        "8001, malformed",
        "80010000000b00000000, malformed",
        "80020000000a00000000, malformed",
        "80010000000c000000000001, malformed",
        "80010000000c00000000ffff, malformed",
    })
    void malformedResponsesAreFailuresOfTheMachine(String response, String message) {
        assertThatThrownBy(() -> tpm(new Script(response)).readPublic(0x8000_0000L))
                .isInstanceOf(IOException.class)
                .hasMessageContaining(message);
    }

    @Test
    void anyResponseIsReadOrRefused() {
        PcrSelection registers = PcrSelection.of(HashAlgorithm.SHA256, 0, 1);
        Property.holds(
                2_000,
                random -> {
                    byte[] body = new byte[random.nextInt(60)];
                    random.nextBytes(body);
                    for (int i = 0; i < body.length; i++) {
                        body[i] &= (byte) (random.nextBoolean() ? 0 : 0x3f);
                    }
                    byte[] response =
                            ByteBuffer.allocate(10 + body.length)
                                    .putShort((short) (random.nextBoolean() ? 0x8001 : 0x8002))
                                    .putInt(10 + body.length)
                                    .putInt(0)
                                    .put(body)
                                    .array();
                    Script script = new Script();
                    for (int i = 0; i < 40; i++) {
                        script.responses.add(response);
                    }
                    try {
                        switch (random.nextInt(4)) {
                            case 0 -> tpm(script).state().read(registers);
                            case 1 -> tpm(script).state().banks();
                            case 2 -> tpm(script).state().readMemory(0x01c0_0002L);
                            default -> tpm(script).readPublic(0x8000_0000L);
                        }
                    } catch (IOException expected) {
                        assertThat(expected).hasMessageStartingWith("TPM");
                    }
                });
    }

    @Test
    void readsResponsesInPiecesFromASocket(@TempDir Path folder) throws Exception {
        Path path = folder.resolve("tpm");
        try (ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            server.bind(UnixDomainSocketAddress.of(path));
            Thread emulator =
                    Thread.ofVirtual()
                            .start(() -> {
                                try (SocketChannel client = server.accept()) {
                                    client.read(ByteBuffer.allocate(12));
                                    for (byte b : HexFormat.of().parseHex("80010000000a00000000")) {
                                        client.write(ByteBuffer.wrap(new byte[] {b}));
                                    }
                                    client.read(ByteBuffer.allocate(12));
                                } catch (IOException failed) {
                                    throw new java.io.UncheckedIOException(failed);
                                }
                            });
            try (Tpm tpm =
                    new Tpm(
                            SocketConnection.open(UnixDomainSocketAddress.of(path)),
                            new SecureRandom())) {
                tpm.startup();
                assertThatThrownBy(tpm::startup).hasMessageContaining("closed before the end");
            }
            emulator.join();
        }
    }

    @Test
    void readsAResponseOfADevice(@TempDir Path folder) throws IOException {
        assertThatThrownBy(() -> DeviceConnection.open(folder.resolve("tpmrm0")))
                .isInstanceOf(IOException.class);
        Path file = Files.createFile(folder.resolve("device"));
        try (TpmConnection device = DeviceConnection.open(file)) {
            assertThatThrownBy(() -> device.transmit(new byte[12]))
                    .hasMessage("TPM device: expected a response, got the end");
        }
    }
}
