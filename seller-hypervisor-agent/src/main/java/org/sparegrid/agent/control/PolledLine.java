// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.control;

import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.RequestOptions;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.sparegrid.protocol.control.AgentFrame;
import org.sparegrid.protocol.control.AgentPoll;
import org.sparegrid.protocol.control.CoordinatorFrame;
import org.sparegrid.protocol.control.PollAnswer;
import org.sparegrid.protocol.json.MessageFormatException;
import org.sparegrid.protocol.json.PollBody;

/// A session over requests: makes the polls that [Polling] wants.
final class PolledLine implements Carrier {
    private static final System.Logger LOG = System.getLogger(PolledLine.class.getName());

    private final Vertx vertx;
    private final Context loop;
    private final HttpClient client;
    private final RequestOptions target;
    private final Polling polling;
    private final Events events;

    /// Those that are under way, by number.
    private final Map<Integer, HttpClientRequest> requests = new HashMap<>();

    private boolean over;
    private long wake = -1;

    /// What the coordinator answered.
    ///
    /// @param waitSeconds for how long it asks for patience, 0 if it doesn't say
    @SuppressWarnings("ArrayRecordComponent") // It is read once and never compared.
    private record Answer(int status, int waitSeconds, byte[] body) {}

    PolledLine(
            Vertx vertx,
            Context loop,
            HttpClient client,
            RequestOptions coordinator,
            Polling polling,
            Events events) {
        this.vertx = vertx;
        this.loop = loop;
        this.client = client;
        this.target =
                new RequestOptions(coordinator)
                        .setMethod(HttpMethod.POST)
                        .setURI(AgentPoll.PATH)
                        .putHeader("Content-Type", AgentPoll.CONTENT_TYPE)
                        .putHeader("Cache-Control", "no-store");
        this.polling = polling;
        this.events = events;
    }

    @Override
    public void write(AgentFrame frame) {
        if (frame instanceof AgentFrame.Hello hello) {
            polling.greet(hello);
        }
        if (!(frame instanceof AgentFrame.Acknowledge)) { // that goes with the next poll
            poll();
        }
    }

    private void poll() {
        if (over) {
            return;
        }
        long now = System.nanoTime();
        polling.due(now).forEach(this::make);
        vertx.cancelTimer(wake);
        polling.wakeMillis(now).ifPresent(wait -> wake = vertx.setTimer(wait, _ -> poll()));
    }

    private void make(Polling.Request poll) {
        post(poll.number(), poll.body(), poll.timeoutMillis())
                .onComplete(done ->
                        loop.runOnContext(_ -> {
                            requests.remove(poll.number());
                            if (over) {
                                return;
                            }
                            if (done.succeeded()) {
                                answered(poll.number(), done.result());
                            } else {
                                failed(poll.number(), String.valueOf(done.cause()));
                            }
                        }));
    }

    private Future<Answer> post(int number, byte[] body, long timeoutMillis) {
        Promise<Answer> answer = Promise.promise();
        long timer =
                vertx.setTimer(
                        timeoutMillis,
                        _ -> {
                            answer.tryFail(new IOException("no answer in time"));
                            HttpClientRequest late = requests.remove(number);
                            if (late != null) {
                                var _ = late.reset();
                            }
                        });
        client.request(target)
                .compose(request -> {
                    requests.put(number, request);
                    return request.send(Buffer.buffer(body));
                })
                .compose(PolledLine::whole)
                .onComplete(done -> {
                    vertx.cancelTimer(timer);
                    if (done.succeeded()) {
                        answer.tryComplete(done.result());
                    } else {
                        answer.tryFail(done.cause());
                    }
                });
        return answer.future();
    }

    /// Reads an answer, as far as one may be long.
    private static Future<Answer> whole(HttpClientResponse response) {
        Promise<Answer> whole = Promise.promise();
        Buffer body = Buffer.buffer();
        response.handler(part -> {
            if (body.length() + part.length() > PollBody.LENGTH_MAX_BYTES) {
                var _ = response.request().reset();
                whole.tryFail(new IOException("the answer is too long"));
            } else {
                body.appendBuffer(part);
            }
        });
        response.exceptionHandler(whole::tryFail);
        response.endHandler(_ ->
                whole.tryComplete(
                        new Answer(
                                response.statusCode(),
                                seconds(response.getHeader("Retry-After")),
                                body.getBytes())));
        return whole.future();
    }

    private static int seconds(@Nullable String header) {
        return header != null && header.matches("[0-9]{1,6}") ? Integer.parseInt(header) : 0;
    }

    private void answered(int number, Answer answer) {
        switch (answer.status()) {
            case 200 -> heard(number, answer.body());
            case 429, 503 -> {
                polling.patience(number, answer.waitSeconds(), System.nanoTime());
                poll();
            }
            case 400, 401, 403, 404, 409, 413, 500 ->
                    close(new Loss("polls are answered with status " + answer.status(), false));
            default -> failed(number, "status " + answer.status());
        }
    }

    private void heard(int number, byte[] body) {
        try {
            PollBody<PollAnswer, CoordinatorFrame> answer =
                    PollBody.parse(body, PollAnswer.class, CoordinatorFrame.class);
            for (CoordinatorFrame frame : polling.answered(number, answer, System.nanoTime())) {
                if (!over) {
                    events.heard(frame);
                }
                if (frame instanceof CoordinatorFrame.Refused(var why)) {
                    close(new Loss("refused: " + why, false));
                }
            }
        } catch (MessageFormatException | IllegalArgumentException wrong) {
            LOG.log(System.Logger.Level.ERROR, () -> "answer refused cause=" + wrong.getMessage());
            close(new Loss("answer refused: " + wrong.getMessage(), false));
        }
        poll();
    }

    private void failed(int number, String why) {
        LOG.log(System.Logger.Level.DEBUG, () -> "poll lost cause=" + why);
        if (polling.failed(number, System.nanoTime())) {
            close(new Loss("polls are lost: " + why, false));
        } else {
            poll();
        }
    }

    @Override
    public void close(Loss loss) {
        if (!over) {
            abandon();
            loop.runOnContext(_ -> events.lost(loss));
        }
    }

    @Override
    public void abandon() {
        over = true;
        vertx.cancelTimer(wake);
        requests.values().forEach(HttpClientRequest::reset);
        requests.clear();
    }

    @Override
    public Future<Void> leave() {
        Future<Void> told =
                polling.farewell()
                        .map(body -> post(0, body, Polling.ANSWER_MAX.toMillis()).<Void>mapEmpty())
                        .orElseGet(Future::succeededFuture);
        over = true;
        return told;
    }
}
