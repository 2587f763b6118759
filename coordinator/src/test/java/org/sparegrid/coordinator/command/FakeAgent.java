// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import javax.net.ssl.KeyManager;
import org.sparegrid.protocol.Credits;
import org.sparegrid.protocol.JoinToken;
import org.sparegrid.protocol.LeaseId;
import org.sparegrid.protocol.SellerId;
import org.sparegrid.protocol.StreamId;
import org.sparegrid.protocol.api.Enrolment;
import org.sparegrid.protocol.api.EnrolmentRequest;
import org.sparegrid.protocol.api.NewJoinToken;
import org.sparegrid.protocol.control.AgentFrame;
import org.sparegrid.protocol.control.AgentMessage;
import org.sparegrid.protocol.control.CoordinatorFrame;
import org.sparegrid.protocol.control.CoordinatorMessage;
import org.sparegrid.protocol.control.CoordinatorMessage.LeaseOffered;
import org.sparegrid.protocol.control.CoordinatorMessage.NetworkChanged;
import org.sparegrid.protocol.control.MachineReport;
import org.sparegrid.protocol.json.Format;
import org.sparegrid.protocol.json.MessageFormatException;
import org.sparegrid.protocol.market.Acceleration;
import org.sparegrid.protocol.market.Ask;
import org.sparegrid.protocol.market.AskTraits;
import org.sparegrid.protocol.market.LeaseProgress;
import org.sparegrid.protocol.market.MachineSize;
import org.sparegrid.protocol.market.Usage;
import org.sparegrid.protocol.market.VolumeOffer;
import org.sparegrid.protocol.market.WeekHours;

/// A seller's agent that runs no machines: it keeps to the session's protocol over a real TLS
/// WebSocket, or over requests, and does what the test says.
final class FakeAgent implements AutoCloseable {
    private final Trial trial;
    private final SellerId seller;
    private final KeyManager[] keys;
    private final String price;
    private final Deque<AgentFrame.Message> unacknowledged = new ArrayDeque<>();
    private final List<CoordinatorMessage> inbox = new ArrayList<>();
    private final List<CoordinatorFrame> greetings = new ArrayList<>();
    private String session = "";
    private long sent;
    private long received;
    private long acknowledged;
    private int repeated;
    private boolean deaf;
    private String farewell = "";
    private HttpClient client;
    private WebSocket socket;
    private final boolean polled;
    private FakePolls polls;

    private FakeAgent(
            Trial trial, SellerId seller, String price, boolean polled, KeyManager... keys) {
        this.polled = polled;
        this.trial = trial;
        this.seller = seller;
        this.keys = keys;
        this.price = price;
        this.client = trial.client(keys);
    }

    /// Enrols a computer of that person, connects it and offers one slot.
    static FakeAgent join(Trial trial, Trial.Person owner, String price) throws Exception {
        return join(trial, owner, price, false);
    }

    /// The same for one that polls, if that is wanted.
    static FakeAgent join(Trial trial, Trial.Person owner, String price, boolean polled)
            throws Exception {
        Keys keys = new Keys();
        JoinToken token =
                JoinToken.parse(owner.post("/v1/join-tokens").as(NewJoinToken.class, 201).token());
        Enrolment enrolment =
                Trial.send(
                                trial.client(),
                                trial.request("/v1/agents")
                                        .header("Content-Type", "application/json")
                                        .POST(
                                                HttpRequest.BodyPublishers.ofByteArray(
                                                        Format.JSON.write(
                                                                new EnrolmentRequest(
                                                                        token.secret(),
                                                                        keys.request())))))
                        .as(Enrolment.class, 201);
        FakeAgent agent =
                new FakeAgent(
                        trial,
                        enrolment.seller(),
                        price,
                        polled,
                        keys.present(enrolment.certificate()));
        assertThat(agent.connect()).isInstanceOf(CoordinatorFrame.Welcome.class);
        agent.settle(
                agent.send(new AgentMessage.Inventory(agent.ask(), true, List.of(), List.of())));
        return agent;
    }

    /// A computer that has not joined, but may present a certificate.
    static FakeAgent unenrolled(Trial trial, KeyManager... keys) {
        return new FakeAgent(trial, new SellerId("0".repeat(40)), "1", false, keys);
    }

    SellerId seller() {
        return seller;
    }

    KeyManager[] keys() {
        return keys.clone();
    }

    synchronized int repeated() {
        return repeated;
    }

    Ask ask() {
        return new Ask(
                "fake " + price,
                1,
                new MachineSize(2, 1024, 1024),
                Credits.parse(price),
                Acceleration.EMULATION,
                "a test",
                100,
                "test",
                new AskTraits(
                        "",
                        "",
                        0,
                        0,
                        Credits.ZERO,
                        false,
                        "",
                        WeekHours.ALL,
                        new VolumeOffer(10, Credits.parse("0.3"))));
    }

    /// Opens a connection and says hello.
    ///
    /// @return the coordinator's answer
    CoordinatorFrame connect() throws Exception {
        synchronized (this) {
            greetings.clear();
            deaf = false;
            farewell = "";
        }
        if (polled) {
            polls = new FakePolls(trial, client, this::received, this::take);
            polls.open(new AgentFrame.Hello(1, session, received));
        } else {
            openWebSocket();
        }
        CoordinatorFrame answer =
                await(() -> greetings.isEmpty() ? null : greetings.getFirst(), "a greeting");
        if (answer instanceof CoordinatorFrame.Welcome welcome) {
            welcomed(welcome);
        }
        return answer;
    }

    private synchronized long received() {
        return received;
    }

    private void openWebSocket() throws Exception {
        WebSocket opened =
                client.newWebSocketBuilder()
                        .connectTimeout(Trial.PATIENCE)
                        .buildAsync(
                                java.net.URI.create(
                                        trial.address("/v1/agent")
                                                .toString()
                                                .replace("https:", "wss:")),
                                new Reader())
                        .get(30, TimeUnit.SECONDS);
        this.socket = opened;
        try {
            write(new AgentFrame.Hello(1, session, received));
        } catch (ExecutionException closed) {
            // The coordinator may have refused before it was greeted; its reason comes below.
        }
    }

    private void welcomed(CoordinatorFrame.Welcome welcome) throws Exception {
        List<AgentFrame.Message> again;
        synchronized (this) {
            if (!welcome.resumed()) {
                session = welcome.session();
                sent = 0;
                received = 0;
                acknowledged = 0;
                unacknowledged.clear();
            }
            unacknowledged.removeIf(message -> message.sequence() <= welcome.received());
            again = List.copyOf(unacknowledged);
        }
        for (AgentFrame.Message message : again) {
            write(message);
        }
        if (polled) {
            polls.begin();
        }
    }

    /// Connects to a coordinator that was started anew.
    CoordinatorFrame reconnect(MachineReport... machines) throws Exception {
        client.close();
        client = trial.client(keys);
        CoordinatorFrame answer = connect();
        settle(send(new AgentMessage.Inventory(ask(), true, List.of(machines), List.of())));
        return answer;
    }

    /// Brings a stream to a machine.
    FakeStream bring(StreamId stream) throws Exception {
        FakeStream line = new FakeStream();
        String path = CoordinatorMessage.streamPath(stream);
        WebSocket _ =
                client.newWebSocketBuilder()
                        .buildAsync(
                                java.net.URI.create(
                                        trial.address(path).toString().replace("https:", "wss:")),
                                line)
                        .get(30, TimeUnit.SECONDS);
        return line;
    }

    /// Sends a message.
    ///
    /// @return its number
    long send(AgentMessage body) throws Exception {
        AgentFrame.Message message;
        synchronized (this) {
            message = new AgentFrame.Message(++sent, received, body);
            unacknowledged.add(message);
        }
        try {
            write(message);
        } catch (ExecutionException closed) {
            // It was not acknowledged, so the next connection begins with it.
        }
        return message.sequence();
    }

    /// Sends a message and waits until its effect is durable.
    void tell(AgentMessage body) throws Exception {
        settle(send(body));
    }

    /// Waits until that message was acknowledged.
    void settle(long sequence) throws Exception {
        await(() -> acknowledged >= sequence ? true : null, "acknowledgement of " + sequence);
    }

    private void write(AgentFrame frame) throws Exception {
        writeRaw(Format.CBOR.write(frame));
    }

    /// Sends a message of any bytes.
    void writeRaw(byte[] bytes) throws Exception {
        if (polled) {
            polls.write(bytes);
        } else {
            socket.sendBinary(ByteBuffer.wrap(bytes), true).get(30, TimeUnit.SECONDS);
        }
    }

    /// Waits until the coordinator closes the connection, and returns code and reason.
    String farewell() throws Exception {
        return await(() -> farewell.isEmpty() ? null : farewell, "the end of the connection");
    }

    /// From now on nothing that comes is heard.
    synchronized void deafen() {
        deaf = true;
    }

    /// Cuts the connection without a farewell.
    void cut() {
        if (polled) {
            polls.cut();
        } else {
            socket.abort();
        }
    }

    /// Waits for a message and takes it.
    <T extends CoordinatorMessage> T expect(Class<T> kind) throws Exception {
        return expect(kind, any -> true);
    }

    <T extends CoordinatorMessage> T expect(Class<T> kind, Predicate<T> which) throws Exception {
        return await(() -> take(kind, which), kind.getSimpleName());
    }

    private <T extends CoordinatorMessage> T take(Class<T> kind, Predicate<T> which) {
        for (Iterator<CoordinatorMessage> each = inbox.iterator(); each.hasNext(); ) {
            CoordinatorMessage message = each.next();
            if (kind.isInstance(message) && which.test(kind.cast(message))) {
                each.remove();
                return kind.cast(message);
            }
        }
        return null;
    }

    /// What came and was not expected so far.
    synchronized <T extends CoordinatorMessage> List<T> left(Class<T> kind) {
        return inbox.stream().filter(kind::isInstance).map(kind::cast).toList();
    }

    private synchronized <T> T await(java.util.function.Supplier<T> found, String what)
            throws InterruptedException {
        long deadline = System.nanoTime() + Trial.PATIENCE.toNanos();
        T answer = found.get();
        while (answer == null) {
            long left = deadline - System.nanoTime();
            assertThat(left).as("waiting for " + what + ", got " + inbox).isPositive();
            TimeUnit.NANOSECONDS.timedWait(this, left);
            answer = found.get();
        }
        return answer;
    }

    /// Accepts the next offer and takes its network.
    LeaseOffered accept() throws Exception {
        LeaseOffered offer = expect(LeaseOffered.class);
        assertThat(offer.slot().seller()).isEqualTo(seller);
        send(
                new AgentMessage.LeaseAccepted(
                        offer.lease(), machineKey(offer.lease()), List.of("127.0.0.1:4000")));
        NetworkChanged network =
                expect(NetworkChanged.class, changed -> changed.lease().equals(offer.lease()));
        assertThat(network.network().members())
                .anyMatch(member ->
                        member.id().equals(network.self())
                                && member.publicKey().equals(machineKey(offer.lease())));
        return offer;
    }

    static String machineKey(LeaseId lease) {
        return Trial.wireGuardKey(lease.value().hashCode());
    }

    /// Accepts the next offer and brings the machine onto the network.
    LeaseId run() throws Exception {
        LeaseId lease = accept().lease();
        progress(lease, LeaseProgress.Phase.FETCHING);
        progress(lease, LeaseProgress.Phase.BOOTING);
        progress(lease, LeaseProgress.Phase.BOOTED);
        progress(lease, LeaseProgress.Phase.ON_NETWORK);
        return lease;
    }

    void progress(LeaseId lease, LeaseProgress.Phase phase) throws Exception {
        tell(new AgentMessage.Progress(lease, new LeaseProgress(phase, 1, 1)));
    }

    void meter(LeaseId lease, long runMillis) throws Exception {
        tell(new AgentMessage.Metered(lease, usage(runMillis)));
    }

    static Usage usage(long runMillis) {
        return new Usage(runMillis, runMillis, 1, 1);
    }

    @Override
    public void close() {
        if (socket != null || polls != null) {
            cut();
        }
        client.shutdownNow();
        client.close();
    }

    private synchronized void take(CoordinatorFrame frame) {
        if (deaf) {
            return;
        }
        switch (frame) {
            case CoordinatorFrame.Welcome _, CoordinatorFrame.Refused _ -> greetings.add(frame);
            case CoordinatorFrame.Acknowledge(long upTo) -> acknowledge(upTo);
            case CoordinatorFrame.Message message -> {
                acknowledge(message.received());
                if (message.sequence() <= received) {
                    repeated++;
                } else {
                    assertThat(message.sequence()).isEqualTo(received + 1);
                    received++;
                    inbox.add(message.body());
                }
            }
        }
        notifyAll();
    }

    private void acknowledge(long upTo) {
        acknowledged = Math.max(acknowledged, upTo);
        unacknowledged.removeIf(message -> message.sequence() <= upTo);
    }

    private final class Reader implements WebSocket.Listener {
        private final ByteArrayOutputStream parts = new ByteArrayOutputStream();

        @Override
        public CompletionStage<?> onBinary(WebSocket from, ByteBuffer data, boolean last) {
            byte[] bytes = new byte[data.remaining()];
            data.get(bytes);
            parts.writeBytes(bytes);
            if (last) {
                try {
                    take(Format.CBOR.read(parts.toByteArray(), CoordinatorFrame.class));
                } catch (MessageFormatException strange) {
                    throw new AssertionError(strange);
                }
                parts.reset();
            }
            from.request(1);
            return null;
        }

        @Override
        public CompletionStage<?> onClose(WebSocket from, int code, String reason) {
            bid(code + " " + reason);
            return null;
        }
    }

    private synchronized void bid(String words) {
        farewell = words;
        notifyAll();
    }
}
