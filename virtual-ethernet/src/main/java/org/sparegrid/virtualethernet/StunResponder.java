// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet;

import java.io.IOException;
import java.lang.System.Logger.Level;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.util.Arrays;
import java.util.Optional;
import org.sparegrid.virtualethernet.stun.StunMessage;
import org.sparegrid.virtualethernet.wire.WireFormatException;

/// Tells strangers on two ports how it sees them, so that they find out what their NAT does.
///
/// Source: RFC 5780, section 6.
final class StunResponder implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(StunResponder.class.getName());

    /// Answers to strangers, so that nobody can use them to fill another's line.
    private static final int ANSWERS_PER_SECOND = 1_000;

    /// How much longer than its question an answer may be, so that nobody gains by forging one.
    private static final int LONGER_MAX_BYTES = 24;

    private static final int LENGTH_MAX = 9_000;

    private final SteadyClock clock = new SteadyClock();
    private final DatagramSocket first;
    private final DatagramSocket second;
    private final Thread thread;
    private long secondNumber;
    private int answers;

    /// Answers on a port of its own and for `first`, which another thread reads.
    ///
    /// @param port the other port; 0 takes any free one
    /// @throws IOException if the port is taken
    StunResponder(DatagramSocket first, int port) throws IOException {
        this.first = first;
        this.second = new DatagramSocket(null);
        try {
            second.bind(new InetSocketAddress(first.getLocalAddress(), port));
        } catch (IOException refused) {
            second.close();
            throw new IOException(
                    "cannot open UDP port " + port + ": " + refused.getMessage(), refused);
        }
        thread =
                Thread.ofPlatform()
                        .name("sparegrid-stun-" + second.getLocalPort())
                        .daemon()
                        .unstarted(this::run);
    }

    void start() {
        thread.start();
    }

    int port() {
        return second.getLocalPort();
    }

    /// Answers a datagram that came to the first port.
    void receive(byte[] datagram, InetSocketAddress from) throws WireFormatException {
        receive(datagram, from, first, second);
    }

    @Override
    public void close() {
        second.close();
    }

    private void run() {
        DatagramPacket packet = new DatagramPacket(new byte[LENGTH_MAX], LENGTH_MAX);
        while (!second.isClosed()) {
            try {
                packet.setLength(LENGTH_MAX);
                second.receive(packet);
                byte[] datagram = Arrays.copyOf(packet.getData(), packet.getLength());
                if (StunMessage.isStun(datagram)) {
                    receive(datagram, (InetSocketAddress) packet.getSocketAddress(), second, first);
                }
            } catch (WireFormatException malformed) {
                LOG.log(Level.TRACE, "datagram is malformed", malformed);
            } catch (IOException | RuntimeException failed) {
                if (!second.isClosed()) {
                    LOG.log(Level.DEBUG, "stun cannot receive", failed);
                }
            }
        }
    }

    private void receive(
            byte[] datagram, InetSocketAddress from, DatagramSocket asked, DatagramSocket other)
            throws WireFormatException {
        if (!(StunMessage.parse(datagram) instanceof StunMessage.Request request) || !mayAnswer()) {
            return;
        }
        StunMessage.Wish wish = request.unknown().isEmpty() ? request.wish().orElse(null) : null;
        if (wish == null) {
            var plain =
                    new StunMessage.Request(
                            request.transaction(), Optional.empty(), request.unknown());
            send(asked, StunMessage.answer(plain, from).toBytes(), from);
            return;
        }
        byte[] full =
                new StunMessage.Success(
                                request.transaction(),
                                from,
                                Optional.of(
                                        new InetSocketAddress(
                                                other.getLocalAddress(), other.getLocalPort())))
                        .toBytes();
        byte[] answer =
                full.length <= datagram.length + LONGER_MAX_BYTES
                        ? full
                        : new StunMessage.Success(request.transaction(), from).toBytes();
        InetSocketAddress to =
                wish.answerTo() == 0
                        ? from
                        : new InetSocketAddress(from.getAddress(), wish.answerTo());
        send(wish.otherPort() ? other : asked, answer, to);
    }

    private synchronized boolean mayAnswer() {
        long now = clock.nowNanos() / 1_000_000_000L;
        if (now != secondNumber) {
            secondNumber = now;
            answers = 0;
        }
        return answers++ < ANSWERS_PER_SECOND;
    }

    private static void send(DatagramSocket from, byte[] datagram, InetSocketAddress to) {
        try {
            from.send(new DatagramPacket(datagram, datagram.length, to));
        } catch (IOException | IllegalArgumentException refused) {
            LOG.log(Level.TRACE, "the network refuses a datagram now", refused);
        }
    }
}
