// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.command;

import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.sparegrid.protocol.control.AgentFrame;
import org.sparegrid.protocol.control.AgentPoll;
import org.sparegrid.protocol.control.CoordinatorFrame;
import org.sparegrid.protocol.control.PollAnswer;
import org.sparegrid.protocol.json.PollBody;

/// A line of polls over real TLS requests: one thread has a poll held all the time, and whoever
/// writes makes one more.
final class FakePolls {
    private static final int HOLD_MILLIS = 1_000;

    private final Trial trial;
    private final HttpClient client;
    private final LongSupplier received;
    private final Consumer<CoordinatorFrame> take;
    private volatile boolean over;
    private long line;
    private Thread listener;

    /// @param received the number up to which the coordinator's messages have arrived
    FakePolls(
            Trial trial,
            HttpClient client,
            LongSupplier received,
            Consumer<CoordinatorFrame> take) {
        this.trial = trial;
        this.client = client;
        this.received = received;
        this.take = take;
    }

    /// What was answered.
    record Reply(int status, byte[] body) {}

    /// Asks for a line and says hello on it.
    void open(AgentFrame.Hello hello) throws Exception {
        line = read(post(new AgentPoll(0, 0, 0, 0, false))).head().line();
        read(post(new AgentPoll(line, 0, 0, 0, false), hello)).frames().forEach(take);
    }

    /// Has a poll held from now on.
    void begin() {
        listener = Thread.ofVirtual().name("polls").start(this::listen);
    }

    AgentPoll head(int holdMillis) {
        return new AgentPoll(line, received.getAsLong(), 0, holdMillis, false);
    }

    /// Says that, and hears the answer.
    void write(byte[] frame) throws Exception {
        byte[] head = new PollBody.Writer(head(0)).toBytes();
        hear(
                post(
                        ByteBuffer.allocate(head.length + Integer.BYTES + frame.length)
                                .put(head)
                                .putInt(frame.length)
                                .put(frame)
                                .array()));
    }

    /// Makes one poll.
    Reply post(AgentPoll head, AgentFrame... frames) throws Exception {
        return post(new PollBody<>(head, List.of(frames)).toBytes());
    }

    Reply post(byte[] body) throws IOException, InterruptedException {
        HttpResponse<byte[]> answer =
                client.send(
                        HttpRequest.newBuilder(trial.address(AgentPoll.PATH))
                                .header("Content-Type", AgentPoll.CONTENT_TYPE)
                                .timeout(Trial.PATIENCE)
                                .POST(HttpRequest.BodyPublishers.ofByteArray(body))
                                .build(),
                        HttpResponse.BodyHandlers.ofByteArray());
        return new Reply(answer.statusCode(), answer.body());
    }

    static PollBody<PollAnswer, CoordinatorFrame> read(Reply reply) throws Exception {
        if (reply.status() != 200) {
            throw new IOException(reply.status() + " " + new String(reply.body(), "UTF-8"));
        }
        return PollBody.parse(reply.body(), PollAnswer.class, CoordinatorFrame.class);
    }

    private boolean hear(Reply reply) throws Exception {
        if (reply.status() == 409 || over) {
            return false;
        }
        read(reply).frames().forEach(take);
        return true;
    }

    private void listen() {
        try {
            long before = received.getAsLong();
            while (hear(post(head(HOLD_MILLIS), new AgentFrame.Acknowledge(before)))) {
                long now = received.getAsLong();
                if (now == before) { // the agent may be deaf, and is told the same at once
                    TimeUnit.MILLISECONDS.sleep(20);
                }
                before = now;
            }
        } catch (Exception closing) {
            over = true;
        }
    }

    /// Polls no more, without a word.
    void cut() {
        over = true;
        if (listener != null) {
            listener.interrupt();
        }
    }
}
