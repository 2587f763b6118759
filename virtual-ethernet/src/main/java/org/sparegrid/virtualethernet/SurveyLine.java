// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import jdk.net.ExtendedSocketOptions;
import org.sparegrid.virtualethernet.stun.StunMessage;
import org.sparegrid.virtualethernet.stun.Survey;
import org.sparegrid.virtualethernet.transport.UdpSocket;
import org.sparegrid.virtualethernet.wire.WireFormatException;

/// What a survey does with the real UDP port.
final class SurveyLine implements Survey.Line {
    /// For answers that should come: a slow path and two losses.
    private static final Duration[] PATIENT = {
        Duration.ofMillis(300), Duration.ofMillis(600), Duration.ofMillis(1_200)
    };

    /// For answers that may well never come.
    private static final Duration[] BRIEF = {Duration.ofMillis(400), Duration.ofMillis(600)};

    private static final int ANSWER_MAX = 1_500;

    private final UdpSocket socket;
    private final StunQuestions questions;
    private final List<InetAddress> own;
    private final SecureRandom random = new SecureRandom();

    SurveyLine(UdpSocket socket, StunQuestions questions, List<InetAddress> own) {
        this.socket = socket;
        this.questions = questions;
        this.own = List.copyOf(own);
    }

    @Override
    public int port() {
        return socket.port();
    }

    @Override
    public boolean isOwn(InetAddress address) {
        return own.contains(address) || address.isLoopbackAddress();
    }

    @Override
    public Optional<Survey.Answer> ask(StunMessage.Wish wish, InetSocketAddress to)
            throws InterruptedException {
        return ask(wish, bytes -> socket.send(bytes, to), wish.otherPort() ? BRIEF : PATIENT);
    }

    @Override
    public Optional<Survey.Answer> knock(StunMessage.Wish wish, InetSocketAddress to)
            throws InterruptedException {
        try (DatagramSocket other = new DatagramSocket()) {
            return ask(wish, bytes -> send(other, bytes, to), BRIEF);
        } catch (IOException refused) {
            return Optional.empty();
        }
    }

    @Override
    public boolean returns(InetSocketAddress seen) throws InterruptedException {
        try (DatagramSocket other = new DatagramSocket()) {
            StunMessage.Transaction transaction = StunMessage.Transaction.draw(random);
            byte[] question = new StunMessage.Request(transaction).toBytes();
            return questions
                    .await(transaction, () -> send(other, question, seen), BRIEF)
                    .isPresent();
        } catch (IOException refused) {
            return false;
        }
    }

    @Override
    public boolean fits(StunMessage.Wish wish, InetSocketAddress to) {
        try (DatagramSocket whole = new DatagramSocket()) {
            whole.setOption(ExtendedSocketOptions.IP_DONTFRAGMENT, true);
            StunMessage.Transaction transaction = StunMessage.Transaction.draw(random);
            byte[] question = request(transaction, wish);
            for (Duration wait : BRIEF) {
                whole.setSoTimeout(Math.toIntExact(wait.toMillis()));
                whole.send(new DatagramPacket(question, question.length, to));
                if (isAnswered(whole, transaction)) {
                    return true;
                }
            }
            return false;
        } catch (IOException | UnsupportedOperationException tooLong) {
            return false;
        }
    }

    private static boolean isAnswered(DatagramSocket socket, StunMessage.Transaction transaction)
            throws IOException {
        DatagramPacket packet = new DatagramPacket(new byte[ANSWER_MAX], ANSWER_MAX);
        try {
            socket.receive(packet);
            return StunMessage.parse(Arrays.copyOf(packet.getData(), packet.getLength()))
                    .transaction()
                    .equals(transaction);
        } catch (SocketTimeoutException | WireFormatException none) {
            return false;
        }
    }

    /// Sends bytes; what the network refuses is as good as lost.
    @FunctionalInterface
    private interface Sending {
        boolean send(byte[] bytes);
    }

    private Optional<Survey.Answer> ask(StunMessage.Wish wish, Sending sending, Duration[] waits)
            throws InterruptedException {
        StunMessage.Transaction transaction = StunMessage.Transaction.draw(random);
        byte[] question = request(transaction, wish);
        long[] sentNanos = new long[1];
        Optional<StunMessage> answer =
                questions.await(
                        transaction,
                        () -> {
                            sentNanos[0] = System.nanoTime();
                            boolean _ = sending.send(question);
                        },
                        waits);
        return answer.filter(StunMessage.Success.class::isInstance)
                .map(StunMessage.Success.class::cast)
                .map(success -> new Survey.Answer(success, System.nanoTime() - sentNanos[0]));
    }

    private static byte[] request(StunMessage.Transaction transaction, StunMessage.Wish wish) {
        return new StunMessage.Request(transaction, Optional.of(wish), List.of()).toBytes();
    }

    private static boolean send(DatagramSocket from, byte[] bytes, InetSocketAddress to) {
        try {
            from.send(new DatagramPacket(bytes, bytes.length, to));
            return true;
        } catch (IOException | IllegalArgumentException refused) {
            return false;
        }
    }
}
