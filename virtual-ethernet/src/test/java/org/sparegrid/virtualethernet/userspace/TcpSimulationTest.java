// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet.userspace;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.PriorityQueue;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.sparegrid.testsupport.Property;

/// Two machines and a bad path between them, in virtual time.
class TcpSimulationTest {
    private static final int BYTES = 1 << 20;
    private static final long MILLI = 1_000_000L;
    private static final long HOUR = 3_600_000L * MILLI;

    private record Arrival(long atNanos, long order, boolean atServer, TcpSegment segment) {}

    private static final class Side {
        private final byte[] data = new byte[BYTES];
        private final ByteArrayOutputStream got = new ByteArrayOutputStream();
        private @Nullable TcpMachine machine;
        private int written;
        private long readAtNanos;
    }

    private final Side client = new Side();
    private final Side server = new Side();
    private final PriorityQueue<Arrival> path =
            new PriorityQueue<>((a, b) ->
                    a.atNanos == b.atNanos
                            ? Long.compare(a.order, b.order)
                            : Long.compare(a.atNanos, b.atNanos));
    private long nowNanos;
    private long order;
    private int lost;

    private void run(RandomGenerator random, int lossPercent, long readPauseNanosMax) {
        random.nextBytes(client.data);
        random.nextBytes(server.data);
        client.machine = TcpMachine.connecting(50_000, 22, 1380, random.nextInt());
        step(client, random, lossPercent, readPauseNanosMax);
        while (!isDone()) {
            advance(random);
            step(client, random, lossPercent, readPauseNanosMax);
            step(server, random, lossPercent, readPauseNanosMax);
            assertThat(nowNanos).as("virtual time").isLessThan(HOUR);
        }
    }

    private boolean isDone() {
        return client.machine != null
                && server.machine != null
                && isOver(client.machine)
                && isOver(server.machine);
    }

    private static boolean isOver(TcpMachine machine) {
        if (machine.availableBytes() > 0) {
            return false;
        }
        return machine.state() == TcpMachine.State.CLOSED
                || machine.state() == TcpMachine.State.TIME_WAIT;
    }

    /// Goes to the next arrival or deadline and lets it happen.
    private void advance(RandomGenerator random) {
        long deadline = Math.min(deadline(client), deadline(server));
        Arrival next = path.peek();
        if (next != null && next.atNanos <= deadline) {
            path.poll();
            nowNanos = Math.max(nowNanos, next.atNanos);
            deliver(next, random);
        } else {
            assertThat(deadline).as("nobody waits for anything").isLessThan(TcpMachine.NEVER);
            nowNanos = Math.max(nowNanos, deadline);
            for (Side side : List.of(client, server)) {
                if (side.machine != null) {
                    side.machine.tick(nowNanos);
                }
            }
        }
    }

    /// When the machine's timer ends or its reader comes back to what waits for it.
    private long deadline(Side side) {
        if (side.machine == null) {
            return TcpMachine.NEVER;
        }
        long readAt = side.machine.availableBytes() > 0 ? side.readAtNanos : TcpMachine.NEVER;
        return Math.min(side.machine.deadlineNanos(), readAt);
    }

    private void deliver(Arrival arrival, RandomGenerator random) {
        Side side = arrival.atServer ? server : client;
        if (side.machine == null) {
            if (arrival.segment.has(TcpSegment.SYN)) {
                side.machine = TcpMachine.accepting(arrival.segment, 1300, random.nextInt());
            }
            return;
        }
        side.machine.receive(arrival.segment, nowNanos);
    }

    private void step(Side side, RandomGenerator random, int lossPercent, long readPauseNanosMax) {
        TcpMachine machine = side.machine;
        if (machine == null) {
            return;
        }
        side.written += machine.write(side.data, side.written, BYTES - side.written);
        if (side.written == BYTES) {
            machine.closeOutput();
        }
        if (nowNanos >= side.readAtNanos) {
            side.readAtNanos = nowNanos + random.nextLong(readPauseNanosMax + 1);
            byte[] chunk = new byte[40_000];
            side.got.write(chunk, 0, machine.read(chunk, 0, chunk.length));
        }
        for (TcpSegment segment : machine.takeSegments(nowNanos)) {
            carry(segment, side.equals(client), random, lossPercent);
        }
    }

    private void carry(
            TcpSegment segment, boolean toServer, RandomGenerator random, int lossPercent) {
        if (random.nextInt(100) < lossPercent) {
            lost++;
            return;
        }
        int copies = random.nextInt(50) == 0 ? 2 : 1;
        for (int i = 0; i < copies; i++) {
            long delay = 10 * MILLI + (random.nextInt(20) == 0 ? random.nextLong(20 * MILLI) : 0);
            path.add(new Arrival(nowNanos + delay, order++, toServer, segment));
        }
    }

    private void assertAllArrived() {
        List<TcpMachine.Failure> failures = new ArrayList<>();
        for (Side side : List.of(client, server)) {
            if (side.machine != null) {
                failures.add(side.machine.failure());
            }
        }
        assertThat(failures).containsOnly(TcpMachine.Failure.NONE);
        assertThat(Arrays.mismatch(server.got.toByteArray(), client.data)).isEqualTo(-1);
        assertThat(Arrays.mismatch(client.got.toByteArray(), server.data)).isEqualTo(-1);
    }

    @Test
    void carriesBothWaysThroughLossDuplicationAndReordering() {
        Property.holds(
                10,
                random -> {
                    TcpSimulationTest simulation = new TcpSimulationTest();
                    simulation.run(random, 2, 0);
                    simulation.assertAllArrived();
                    assertThat(simulation.lost).isPositive();
                });
    }

    @Test
    void waitsForSlowReadersThroughClosedWindows() {
        Property.holds(
                20,
                random -> {
                    TcpSimulationTest simulation = new TcpSimulationTest();
                    simulation.run(random, 5, 10_000 * MILLI);
                    simulation.assertAllArrived();
                });
    }

    @Test
    void isFastOnAPathWithoutLoss() {
        Property.holds(
                3,
                random -> {
                    TcpSimulationTest simulation = new TcpSimulationTest();
                    simulation.run(random, 0, 0);
                    simulation.assertAllArrived();
                    assertThat(simulation.nowNanos).isLessThan(5_000 * MILLI);
                });
    }
}
