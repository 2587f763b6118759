// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.neighbour;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.Test;
import org.sparegrid.agent.config.SharingSettings;
import org.sparegrid.agent.image.StreamedImage;
import org.sparegrid.imagetools.chunk.Sha256Digest;
import org.sparegrid.protocol.ImageId;
import org.sparegrid.protocol.control.AgentMessage;
import org.sparegrid.protocol.control.Neighbour;
import org.sparegrid.testsupport.Property;

/// What a computer gives to its neighbours, and to nobody else.
class ListenerTest extends NeighbourSite {
    @Test
    void servesTheImageToWhomTheCoordinatorNames() throws Exception {
        FakeNeighbour named = stranger();
        Computer holder = holder(named);
        try (SSLSocket line = named.call(holder.endpoint())) {
            FakeNeighbour.Answer answer = named.ask(line, request(image));
            assertThat(answer.kind()).isEqualTo("HERE");
            assertThat(answer.content()).isEqualTo(shelf.chunks.get(anyChunk()));
            ChunkRequest unknown =
                    new ChunkRequest(0, image, Sha256Digest.ofContent(new byte[] {1}));
            assertThat(named.ask(line, unknown).kind()).isEqualTo("NOT_HERE");
        }
        assertThat(holder.desk.report().sentBytes()).isEqualTo(shelf.chunks.get(anyChunk()).length);
    }

    @Test
    void tellsAStrangerNothing() throws Exception {
        FakeNeighbour named = stranger();
        Computer holder = holder(named);
        assertThat(askOnce(stranger(), holder, image)).isEqualTo("hung up");
        Computer other = holder(stranger());
        assertThat(askOnce(named, other, image)).as("named to another holder").isEqualTo("hung up");
        assertThat(holder.desk.report().sentBytes() + other.desk.report().sentBytes()).isZero();
    }

    @Test
    void tellsANeighbourNothingOfOtherImages() throws Exception {
        FakeNeighbour named = stranger();
        Computer holder = holder(named);
        Sha256Digest ofFirst = anyChunk();
        byte[] another = new byte[300_000];
        new Random(12).nextBytes(another);
        ImageId second = shelf.put(another, keys);
        holder.store.lend(
                "second",
                second,
                java.util.Base64.getEncoder().encodeToString(keys.creator().toBytes()),
                shelf,
                java.util.Set.of(),
                (_, _) -> {});
        ImageId nowhere = new ImageId("ab".repeat(32));
        assertThat(askOnce(named, holder, second, ofFirst)).isEqualTo("hung up");
        assertThat(askOnce(named, holder, nowhere, ofFirst)).isEqualTo("hung up");
        assertThat(askOnce(named, holder, image, ofFirst)).isEqualTo("HERE");
    }

    @Test
    void servesNobodyOnceTheCoordinatorIsSilentOrNamesOthers() throws Exception {
        FakeNeighbour named = stranger();
        Computer holder = holder(named);
        try (SSLSocket line = named.call(holder.endpoint())) {
            assertThat(named.ask(line, request(image)).kind()).isEqualTo("HERE");
            holder.lateNanos.set(TimeUnit.SECONDS.toNanos(121));
            assertThat(named.ask(line, request(image)).kind()).isEqualTo("hung up");
        }
        assertThat(askOnce(named, holder, image)).isEqualTo("hung up");
        holder.named(image, List.of(new Neighbour(named.key.digest(), List.of(), false)));
        try (SSLSocket line = named.call(holder.endpoint())) {
            assertThat(named.ask(line, request(image)).kind()).isEqualTo("HERE");
            holder.named(image, List.of());
            assertThat(named.ask(line, request(image)).kind()).isEqualTo("hung up");
        }
    }

    @Test
    void hangsUpOnWhatIsNoRequest() throws Exception {
        FakeNeighbour named = stranger();
        Computer holder = holder(named);
        Property.holds(
                60,
                random -> {
                    byte[] any = request(image).toBytes();
                    any[random.nextInt(2)] ^= (byte) (1 + random.nextInt(255));
                    try (SSLSocket line = named.call(holder.endpoint())) {
                        assertThat(named.send(line, any).kind()).isEqualTo("hung up");
                    } catch (java.io.IOException broken) {
                        throw new java.io.UncheckedIOException(broken);
                    }
                });
        assertThat(askOnce(named, holder, image)).isEqualTo("HERE");
    }

    @Test
    void givesNothingWhileTheOwnersRulesHoldGuests() throws Exception {
        FakeNeighbour named = stranger();
        Computer holder = holder(named);
        holder.desk.allow(false);
        assertThat(askOnce(named, holder, image)).isEqualTo("NOT_NOW");
        assertThat(holder.desk.report().sentBytes()).isZero();
        assertThat(holder.desk.report().held()).isTrue();
        holder.desk.allow(true);
        assertThat(askOnce(named, holder, image)).isEqualTo("HERE");
    }

    @Test
    void keepsToTheCapHoweverManyAsk() throws Exception {
        long bytesPerSecond = 2_000_000;
        Computer holder = computer(Computer.settings(bytesPerSecond * 8));
        StreamedImage stream = holder.lend(image, shelf);
        stream.booted();
        Computer.awaitWhole(stream);
        List<FakeNeighbour> askers = new ArrayList<>();
        List<Neighbour> named = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            FakeNeighbour asker = stranger();
            askers.add(asker);
            named.add(new Neighbour(asker.key.digest(), List.of(), false));
        }
        holder.named(image, named);
        List<Sha256Digest> chunks = List.copyOf(shelf.chunks.keySet());
        long began = System.nanoTime();
        together(
                askers,
                asker -> {
                    try (SSLSocket line = asker.call(holder.endpoint())) {
                        for (Sha256Digest chunk : chunks.subList(0, 12)) {
                            asker.ask(line, new ChunkRequest(0, image, chunk));
                        }
                    }
                });
        double seconds = (System.nanoTime() - began) / 1e9;
        long sent = holder.desk.report().sentBytes();
        assertThat(sent).isGreaterThan(1_000_000);
        // What may pass at once after a rest is a tenth of a second's worth.
        assertThat(sent).isLessThan((long) (bytesPerSecond * (seconds + 0.15)));
    }

    @Test
    void listensOnlyWhileALeaseUsesAnImage() throws Exception {
        Computer computer = computer();
        assertThat(computer.desk.report().endpoints()).isEmpty();
        computer.lend(image, shelf);
        InetSocketAddress at = ExchangeAddresses.parse(computer.endpoint());
        assertThat(canConnect(at)).isTrue();
        computer.store.release("lease");
        assertThat(computer.desk.report().endpoints()).isEmpty();
        assertThat(canConnect(at)).isFalse();
        assertThat(computer.said.getLast()).isEqualTo(new AgentMessage.ImageUnshared(image, 0));
    }

    private static boolean canConnect(InetSocketAddress at) {
        try (Socket socket = new Socket()) {
            socket.connect(at, 1000);
            return true;
        } catch (java.io.IOException refused) {
            return false;
        }
    }

    @Test
    void doesNothingUnlessItsOwnerWantsIt() throws Exception {
        Computer computer = computer(new SharingSettings(false, "127.0.0.1", 0, 0));
        StreamedImage stream = computer.lend(image, shelf);
        stream.booted();
        Computer.awaitWhole(stream);
        computer.desk.repeat();
        assertThat(computer.said).isEmpty();
        assertThat(computer.desk.report().line()).isEqualTo("off");
    }

    @Test
    void staysReachableForNeighboursWhileStrangersKeepSilent() throws Exception {
        FakeNeighbour named = stranger();
        Computer holder = holder(named);
        InetSocketAddress at = ExchangeAddresses.parse(holder.endpoint());
        List<Socket> silent = new ArrayList<>();
        try {
            int closed = 0;
            for (int i = 0; i < 3 * Listener.STRANGERS_MAX; i++) {
                Socket socket = new Socket();
                silent.add(socket);
                try {
                    socket.connect(at, 10_000);
                    socket.setSoTimeout(20_000);
                } catch (java.io.IOException refused) {
                    closed++;
                }
            }
            for (Socket socket : silent) {
                try {
                    // TLS says farewell to those whom it has begun to listen to.
                    closed +=
                            socket.isConnected()
                                            && socket.getInputStream().readAllBytes().length < 20
                                    ? 1
                                    : 0;
                } catch (java.net.SocketException reset) {
                    closed++;
                }
            }
            assertThat(closed).as("after 3 s at most").isGreaterThanOrEqualTo(silent.size());
            assertThat(askOnce(named, holder, image)).isEqualTo("HERE");
        } finally {
            for (Socket socket : silent) {
                socket.close();
            }
        }
    }

    @Test
    void aNeighbourHasNoMoreConnectionsThanItsPart() throws Exception {
        FakeNeighbour named = stranger();
        Computer holder = holder(named);
        List<SSLSocket> lines = new ArrayList<>();
        try {
            int served = 0;
            for (int i = 0; i < Listener.OF_NEIGHBOUR_MAX + 4; i++) {
                SSLSocket line = named.call(holder.endpoint());
                lines.add(line);
                served += named.ask(line, request(image)).kind().equals("HERE") ? 1 : 0;
            }
            assertThat(served).isEqualTo(Listener.OF_NEIGHBOUR_MAX);
        } finally {
            for (SSLSocket line : lines) {
                line.close();
            }
        }
    }

    @Test
    void aPrivateAddressIsForPrivateCallersOnly() throws Exception {
        InetAddress lan = InetAddress.ofLiteral("192.168.1.7");
        assertThat(ExchangeAddresses.mayCall(InetAddress.ofLiteral("192.168.9.1"), lan)).isTrue();
        assertThat(ExchangeAddresses.mayCall(InetAddress.ofLiteral("fd00::1"), lan)).isTrue();
        assertThat(ExchangeAddresses.mayCall(InetAddress.ofLiteral("203.0.113.5"), lan)).isFalse();
        assertThat(ExchangeAddresses.mayCall(InetAddress.ofLiteral("2001:db8::1"), lan)).isFalse();
        InetAddress open = InetAddress.ofLiteral("203.0.113.7");
        assertThat(ExchangeAddresses.mayCall(InetAddress.ofLiteral("203.0.113.5"), open)).isTrue();
    }

    @Test
    void fetchesForANeighbourButNotForOneWhoWouldWaitInACircle() throws Exception {
        FakeNeighbour named = stranger();
        Computer holder = computer();
        holder.lend(image, shelf);
        holder.named(image, List.of(new Neighbour(named.key.digest(), List.of(), false)));
        try (SSLSocket line = named.call(holder.endpoint())) {
            assertThat(named.ask(line, request(image)).kind()).isEqualTo("NOT_HERE");
            assertThat(shelf.fetchedBytes).hasValue(0);
            ChunkRequest fetch = new ChunkRequest(5000, image, anyChunk());
            assertThat(named.ask(line, fetch).kind()).isEqualTo("HERE");
            assertThat(shelf.fetchedBytes).hasValue(shelf.chunks.get(anyChunk()).length);
            assertThat(named.ask(line, request(image)).kind()).isEqualTo("HERE");
        }
    }
}
