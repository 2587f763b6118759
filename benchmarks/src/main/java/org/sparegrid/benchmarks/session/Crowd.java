// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.benchmarks.session;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.PriorityQueue;
import java.util.Queue;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.sparegrid.protocol.Credits;
import org.sparegrid.protocol.ProtocolVersion;
import org.sparegrid.protocol.control.AgentFrame;
import org.sparegrid.protocol.control.AgentMessage;
import org.sparegrid.protocol.control.CoordinatorFrame;
import org.sparegrid.protocol.json.Format;
import org.sparegrid.protocol.json.MessageFormatException;
import org.sparegrid.protocol.market.Acceleration;
import org.sparegrid.protocol.market.Ask;
import org.sparegrid.protocol.market.AskTraits;
import org.sparegrid.protocol.market.MachineSize;

/// Agents that do nothing but keep their sessions: each connects, says what it offers, sends its
/// heartbeats, and comes back after a random span when its connection is lost, as the real ones do.
/// One thread carries them all.
final class Crowd implements AutoCloseable {
    /// Connections that are being made at once; more would time out in the queue of the socket.
    private static final int CONNECTING_MAX = 200;

    private static final long FIRST_PAUSE_NANOS = 1_000_000_000L;
    private static final long PAUSE_MAX_NANOS = 60_000_000_000L;

    private final Computers computers;
    private final InetSocketAddress server;
    private final Line.Buffers buffers = new Line.Buffers();
    private final Selector selector = Selector.open();
    private final Random random = new Random(1);
    private final List<Agent> agents = new ArrayList<>();
    private final PriorityQueue<Agent> waking = new PriorityQueue<>();
    private final Queue<Agent> waiting = new ArrayDeque<>();
    private int connecting;
    private int welcomed;
    private long failures;

    private final class Agent implements Comparable<Agent> {
        final int number;
        @Nullable Line line;
        @Nullable SocketChannel channel;
        String session = "";
        long sent;
        long received;
        long pause = FIRST_PAUSE_NANOS;
        long wakeNanos;
        long heartbeatNanos;
        boolean welcome;

        Agent(int number) {
            this.number = number;
        }

        @Override
        public int compareTo(Agent other) {
            return Long.signum(wakeNanos - other.wakeNanos);
        }

        void wakeIn(long nanos) {
            wakeNanos = System.nanoTime() + nanos;
            waking.add(this);
        }

        void connect() throws IOException {
            SocketChannel opened = SocketChannel.open();
            opened.configureBlocking(false);
            opened.setOption(StandardSocketOptions.TCP_NODELAY, true);
            opened.connect(server);
            opened.register(selector, SelectionKey.OP_CONNECT, this);
            channel = opened;
            line = new Line(buffers, opened, computers.engine(number), this::hello, this::take);
        }

        void hello() {
            send(new AgentFrame.Hello(ProtocolVersion.AGENT_SESSION, session, received));
        }

        void send(AgentFrame frame) {
            Line open = line;
            if (open != null) {
                try {
                    open.send(Format.CBOR.write(frame));
                } catch (IOException lost) {
                    lose();
                }
            }
        }

        void say(AgentMessage body) {
            sent++;
            send(new AgentFrame.Message(sent, received, body));
        }

        void take(byte[] bytes) {
            try {
                switch (Format.CBOR.read(bytes, CoordinatorFrame.class)) {
                    case CoordinatorFrame.Welcome welcomes -> welcome(welcomes);
                    case CoordinatorFrame.Message message ->
                            received = Math.max(received, message.sequence());
                    case CoordinatorFrame.Acknowledge _ -> {}
                    case CoordinatorFrame.Refused _ -> lose();
                }
            } catch (MessageFormatException strange) {
                lose();
            }
        }

        private void welcome(CoordinatorFrame.Welcome welcomes) {
            session = welcomes.session();
            heartbeatNanos = welcomes.heartbeatSeconds() * 1_000_000_000L;
            welcome = true;
            welcomed++;
            connecting--;
            pause = FIRST_PAUSE_NANOS;
            if (welcomes.resumed()) {
                sent = welcomes.received();
            } else {
                sent = 0;
                received = 0;
                say(new AgentMessage.Inventory(offer(number), true, List.of(), List.of()));
            }
            wakeIn((long) (heartbeatNanos * random.nextDouble()));
        }

        /// The connection is gone; it comes back later.
        void lose() {
            SocketChannel open = channel;
            if (open == null) {
                return;
            }
            channel = null;
            line = null;
            if (welcome) {
                welcome = false;
                welcomed--;
            } else {
                connecting--;
                failures++;
            }
            try {
                open.close();
            } catch (IOException gone) {
                // As it should be.
            }
            waking.remove(this);
            wakeIn((long) (pause * random.nextDouble()));
            pause = Math.min(PAUSE_MAX_NANOS, 2 * pause);
        }

        void wake() {
            if (channel == null) {
                waiting.add(this);
            } else {
                say(new AgentMessage.Heartbeat());
                wakeIn(heartbeatNanos);
            }
        }
    }

    Crowd(Computers computers, int port) throws IOException {
        this.computers = computers;
        this.server = new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
        for (int i = 0; i < computers.count(); i++) {
            Agent agent = new Agent(i);
            agents.add(agent);
            waiting.add(agent);
        }
    }

    int welcomed() {
        return welcomed;
    }

    /// Connections that did not come to a session.
    long failures() {
        return failures;
    }

    /// Goes on until all have a session.
    ///
    /// @return whether they have before the time is over
    boolean untilAllAreWelcome(long nanosMax) throws IOException {
        long end = System.nanoTime() + nanosMax;
        while (welcomed < agents.size() && System.nanoTime() < end) {
            step();
        }
        return welcomed == agents.size();
    }

    /// Goes on for some time.
    void run(long nanos) throws IOException {
        long end = System.nanoTime() + nanos;
        while (System.nanoTime() < end) {
            step();
        }
    }

    /// Cuts all connections at once.
    void cut() {
        agents.forEach(Agent::lose);
    }

    private void step() throws IOException {
        while (connecting < CONNECTING_MAX && !waiting.isEmpty()) {
            connecting++;
            Agent agent = waiting.remove();
            try {
                agent.connect();
            } catch (IOException refused) {
                agent.lose();
            }
        }
        for (long now = System.nanoTime();
                !waking.isEmpty() && waking.element().wakeNanos - now <= 0; ) {
            waking.remove().wake();
        }
        selector.select(1);
        for (SelectionKey key : selector.selectedKeys()) {
            if (key.isValid() && key.attachment() instanceof Agent agent) {
                ready(key, agent);
            }
        }
        selector.selectedKeys().clear();
    }

    private static void ready(SelectionKey key, Agent agent) {
        SocketChannel channel = agent.channel;
        Line line = agent.line;
        if (channel == null || line == null) {
            return;
        }
        try {
            if (key.isConnectable()) {
                channel.finishConnect();
                key.interestOps(SelectionKey.OP_READ);
                line.begin();
            } else if (!line.read()) {
                agent.lose();
            }
        } catch (IOException lost) {
            agent.lose();
        }
    }

    private static Ask offer(int number) {
        return new Ask(
                "pc" + number,
                1,
                new MachineSize(4, 8192, 0),
                new Credits(10_000_000L + number),
                Acceleration.KVM,
                "",
                1000,
                "1",
                AskTraits.UNKNOWN);
    }

    @Override
    public void close() throws IOException {
        for (Agent agent : agents) {
            if (agent.channel != null) {
                agent.channel.close();
            }
        }
        selector.close();
    }
}
