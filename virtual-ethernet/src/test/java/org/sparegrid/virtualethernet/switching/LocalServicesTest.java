// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet.switching;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.sparegrid.virtualethernet.Maps;
import org.sparegrid.virtualethernet.frame.Bytes;
import org.sparegrid.virtualethernet.network.KeyPair;
import org.sparegrid.virtualethernet.network.Member;
import org.sparegrid.virtualethernet.network.NetworkMap;
import org.sparegrid.virtualethernet.wire.DhcpReply;
import org.sparegrid.virtualethernet.wire.DhcpRequest;
import org.sparegrid.virtualethernet.wire.DnsAnswer;
import org.sparegrid.virtualethernet.wire.DnsQuery;

class LocalServicesTest {
    private static final Member ONE = Maps.node(1, KeyPair.generate().publicKey());
    private static final Member TWO = Maps.node(2, KeyPair.generate().publicKey());
    private static final NetworkMap MAP = Maps.map(1, ONE, TWO);
    private static final int OURS = 0x0a4d0001;
    private static final int SERVER = 0x0a4d00fe;

    private static DhcpRequest request(int type, int requested, int server) {
        return new DhcpRequest(0x1234, 0, 0, ONE.mac().bits(), type, requested, server);
    }

    private static Map<Integer, String> options(byte[] message) {
        Map<Integer, String> found = new HashMap<>();
        int at = 240;
        while (message[at] != (byte) 255) {
            int length = message[at + 1] & 0xff;
            found.put(
                    message[at] & 0xff, HexFormat.of().formatHex(message, at + 2, at + 2 + length));
            at += 2 + length;
        }
        return found;
    }

    @Test
    void offersTheAddressOfTheMapWithEveryOption() {
        DhcpResponder.Answer answer =
                DhcpResponder.answer(request(DhcpRequest.DISCOVER, 0, 0), ONE, MAP).orElseThrow();
        assertThat(Bytes.i32(answer.payload(), 16)).isEqualTo(OURS);
        assertThat(Bytes.i32(answer.payload(), 4)).isEqualTo(0x1234);
        assertThat(options(answer.payload()))
                .containsEntry(53, "02")
                .containsEntry(54, "0a4d00fe")
                .containsEntry(51, "00000e10")
                .containsEntry(1, "ffffff00")
                .containsEntry(28, "0a4d00ff")
                .containsEntry(6, "0a4d00fe")
                .containsEntry(26, "055a")
                .containsEntry(12, HexFormat.of().formatHex("node1".getBytes(US_ASCII)))
                .containsEntry(
                        15, HexFormat.of().formatHex("blue.grid.internal".getBytes(US_ASCII)))
                .containsEntry(
                        119, HexFormat.of().formatHex(DnsAnswer.encode("blue.grid.internal")))
                .containsEntry(3, "0a4d00fe");
    }

    @Test
    void confirmsOnlyTheAddressOfTheMap() {
        assertThat(answerType(request(DhcpRequest.REQUEST, OURS, SERVER))).isEqualTo(DhcpReply.ACK);
        assertThat(answerType(request(DhcpRequest.REQUEST, OURS, 0))).isEqualTo(DhcpReply.ACK);
        assertThat(answerType(request(DhcpRequest.REQUEST, OURS + 1, 0))).isEqualTo(DhcpReply.NAK);
        assertThat(DhcpResponder.answer(request(DhcpRequest.REQUEST, OURS, 99), ONE, MAP))
                .isEmpty();
        assertThat(answerType(request(DhcpRequest.INFORM, 0, 0))).isEqualTo(DhcpReply.ACK);
    }

    private static int answerType(DhcpRequest request) {
        return DhcpResponder.answer(request, ONE, MAP).orElseThrow().type();
    }

    private static byte[] ask(String name, int type) throws Exception {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.writeBytes(HexFormat.of().parseHex("beef01000001000000000000"));
        out.writeBytes(DnsAnswer.encode(name));
        out.writeBytes(new byte[] {0, (byte) type, 0, 1});
        return new DnsResponder(MAP).answer(DnsQuery.parse(out.toByteArray()));
    }

    private static int code(byte[] answer) {
        return answer[3] & 15;
    }

    private static int answers(byte[] answer) {
        return Bytes.u16(answer, 6);
    }

    @Test
    void resolvesMembersInAnyCase() throws Exception {
        byte[] answer = ask("Node2.BLUE.grid.internal", DnsAnswer.A);
        assertThat(code(answer)).isZero();
        assertThat(answers(answer)).isEqualTo(1);
        assertThat(Bytes.i32(answer, answer.length - 4)).isEqualTo(0x0a4d0002);
    }

    @Test
    void resolvesAllNodesAtOnce() throws Exception {
        assertThat(answers(ask("nodes.blue.grid.internal", DnsAnswer.A))).isEqualTo(2);
    }

    @Test
    void resolvesAddressesBack() throws Exception {
        byte[] answer = ask("2.0.77.10.in-addr.arpa", DnsAnswer.PTR);
        assertThat(answers(answer)).isEqualTo(1);
        assertThat(new String(answer, US_ASCII)).contains("node2").contains("internal");
    }

    @Test
    void saysThatANameIsMissingOrHasNoSuchRecord() throws Exception {
        assertThat(code(ask("node9.blue.grid.internal", DnsAnswer.A))).isEqualTo(3);
        assertThat(code(ask("9.0.77.10.in-addr.arpa", DnsAnswer.PTR))).isEqualTo(3);
        byte[] noAaaa = ask("node2.blue.grid.internal", 28);
        assertThat(code(noAaaa)).isZero();
        assertThat(answers(noAaaa)).isZero();
    }

    @Test
    void refusesAllOtherNames() throws Exception {
        assertThat(code(ask("example.org", DnsAnswer.A))).isEqualTo(5);
        assertThat(code(ask("1.0.0.127.in-addr.arpa", DnsAnswer.PTR))).isEqualTo(5);
        assertThat(code(ask("notblue.grid.internal", DnsAnswer.A))).isEqualTo(5);
    }
}
