// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet.userspace;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.sparegrid.testsupport.Property;

class TcpMachineTest {
    private final TcpMachine client = TcpMachine.connecting(50_000, 22, 1000, 1_000_000);
    private TcpMachine server = client;

    @BeforeEach
    void shakeHands() {
        TcpSegment syn = client.takeSegments(0).getFirst();
        assertThat(syn.flags()).isEqualTo(TcpSegment.SYN);
        assertThat(syn.mss()).isEqualTo(1000);
        server = TcpMachine.accepting(syn, 900, -10); // numbers wrap around zero
        exchange(0);
        assertThat(client.state()).isEqualTo(TcpMachine.State.ESTABLISHED);
        assertThat(server.state()).isEqualTo(TcpMachine.State.ESTABLISHED);
    }

    private void exchange(long nowNanos) {
        for (int i = 0; i < 100; i++) {
            List<TcpSegment> up = client.takeSegments(nowNanos);
            up.forEach(segment -> server.receive(segment, nowNanos));
            List<TcpSegment> down = server.takeSegments(nowNanos);
            down.forEach(segment -> client.receive(segment, nowNanos));
            if (up.isEmpty() && down.isEmpty()) {
                return;
            }
        }
        throw new AssertionError("the two never fall silent");
    }

    @Test
    void sendsNoSegmentLargerThanThePeerTakes() {
        client.write(new byte[5000], 0, 5000);
        assertThat(client.takeSegments(0))
                .hasSizeGreaterThan(5)
                .allMatch(segment -> segment.payload().length <= 900);
    }

    @Test
    void receivesAfterItHasClosedItsSide() {
        client.closeOutput();
        exchange(0);
        assertThat(client.state()).isEqualTo(TcpMachine.State.FIN_WAIT_2);
        assertThat(server.state()).isEqualTo(TcpMachine.State.CLOSE_WAIT);
        assertThat(server.isAtEnd()).isTrue();
        server.write(new byte[100], 0, 100);
        server.closeOutput();
        exchange(0);
        assertThat(client.availableBytes()).isEqualTo(100);
        assertThat(client.state()).isEqualTo(TcpMachine.State.TIME_WAIT);
        assertThat(server.state()).isEqualTo(TcpMachine.State.CLOSED);
        client.tick(TcpMachine.TIME_WAIT_NANOS);
        assertThat(client.state()).isEqualTo(TcpMachine.State.CLOSED);
        assertThat(client.failure()).isEqualTo(TcpMachine.Failure.NONE);
    }

    @Test
    void givesUpOnAPeerThatFellSilent() {
        client.write(new byte[10], 0, 10);
        int sent = 0;
        long now = 0;
        while (client.state() != TcpMachine.State.CLOSED) {
            sent += client.takeSegments(now).size();
            now = client.deadlineNanos();
            client.tick(now);
        }
        assertThat(client.failure()).isEqualTo(TcpMachine.Failure.TIMED_OUT);
        assertThat(sent).isEqualTo(1 + TcpMachine.RETRIES_MAX);
    }

    @Test
    void waitsForAsLongAsThePeerSaysThatItsWindowIsClosed() {
        byte[] much = new byte[300_000];
        int written = client.write(much, 0, much.length);
        exchange(0);
        long now = 0;
        for (int i = 0; i < 3 * TcpMachine.RETRIES_MAX; i++) {
            written += client.write(much, 0, much.length - written);
            now = client.deadlineNanos() == TcpMachine.NEVER ? now : client.deadlineNanos();
            client.tick(now);
            exchange(now);
        }
        assertThat(server.availableBytes()).isEqualTo(ReceiveBuffer.CAPACITY_BYTES);
        assertThat(client.failure()).isEqualTo(TcpMachine.Failure.NONE);
        assertThat(server.read(much, 0, much.length)).isEqualTo(ReceiveBuffer.CAPACITY_BYTES);
        exchange(now);
        assertThat(server.availableBytes()).isEqualTo(300_000 - ReceiveBuffer.CAPACITY_BYTES);
    }

    @Test
    void sendsAgainAfterThreeDuplicateAcknowledgments() {
        client.write(new byte[9000], 0, 9000);
        List<TcpSegment> segments = client.takeSegments(0);
        segments.subList(1, segments.size()).forEach(segment -> server.receive(segment, 0));
        server.takeSegments(0).forEach(segment -> client.receive(segment, 0));
        assertThat(client.takeSegments(0))
                .anyMatch(again -> again.sequence() == segments.getFirst().sequence());
    }

    @Test
    void believesOnlyAResetWithTheExactNumber() {
        client.receive(reset(-9 + 5), 0);
        assertThat(client.state()).isEqualTo(TcpMachine.State.ESTABLISHED);
        assertThat(client.takeSegments(0)).hasSize(1);
        client.receive(reset(-9), 0);
        assertThat(client.failure()).isEqualTo(TcpMachine.Failure.RESET);
    }

    private static TcpSegment reset(int sequence) {
        return new TcpSegment(22, 50_000, sequence, 0, TcpSegment.RST, 0, 0, -1, new byte[0]);
    }

    @Test
    void survivesAnySegments() {
        Property.holds(
                200,
                random -> {
                    TcpMachine machine = TcpMachine.connecting(1, 2, 1000, 0);
                    machine.takeSegments(0);
                    machine.receive(
                            new TcpSegment(2, 1, 0, 1, 0x12, 5000, 1000, 2, new byte[0]), 0);
                    machine.write(new byte[20_000], 0, 20_000);
                    for (int i = 0; i < 50; i++) {
                        TcpSegment any =
                                new TcpSegment(
                                        2,
                                        1,
                                        random.nextInt(-100, 3000),
                                        random.nextInt(-100, 25_000),
                                        random.nextInt(64) & ~TcpSegment.RST | TcpSegment.ACK,
                                        random.nextInt(65_536),
                                        0,
                                        -1,
                                        new byte[random.nextInt(1500)]);
                        machine.receive(any, i);
                        machine.takeSegments(i);
                        machine.tick(machine.deadlineNanos() == TcpMachine.NEVER ? i : i * 1000L);
                        assertThat(machine.unacknowledgedBytes()).isBetween(0, 20_000);
                        assertThat(machine.availableBytes())
                                .isBetween(0, ReceiveBuffer.CAPACITY_BYTES);
                    }
                });
    }
}
