// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.api;

import io.vertx.core.Context;
import io.vertx.ext.web.RoutingContext;
import java.util.List;
import org.sparegrid.coordinator.operation.RefusedException;
import org.sparegrid.coordinator.operation.RefusedException.Reason;
import org.sparegrid.coordinator.session.PolledCarrier;
import org.sparegrid.protocol.control.AgentPoll;
import org.sparegrid.protocol.control.CoordinatorFrame;
import org.sparegrid.protocol.control.PollAnswer;
import org.sparegrid.protocol.json.PollBody;

/// The way back to one poll; whatever is said is written on the event loop of its connection.
final class PollReply implements PolledCarrier.Reply {
    private final RoutingContext request;
    private final Context loop;
    private volatile long line;

    /// Both belong to the event loop.
    private boolean answered;

    private long timer = -1;

    PollReply(RoutingContext request, Context loop) {
        this.request = request;
        this.loop = loop;
    }

    /// Which line it is about.
    void about(long number) {
        line = number;
    }

    /// Has the poll wait for its answer.
    ///
    /// @param expire is called after that time without one
    /// @param gone is called if the agent's connection ends before that
    void hold(long millis, Runnable expire, Runnable gone) {
        loop.runOnContext(none -> {
            if (answered) {
                return;
            }
            if (request.response().closed()) {
                gone.run();
                return;
            }
            timer = request.vertx().setTimer(millis, over -> expire.run());
            request.response()
                    .closeHandler(closed -> {
                        request.vertx().cancelTimer(timer);
                        gone.run();
                    });
        });
    }

    @Override
    public void say(List<CoordinatorFrame> frames, long question) {
        PollBody.Writer body = new PollBody.Writer(new PollAnswer(line, question));
        for (CoordinatorFrame frame : frames) {
            if (!body.add(frame)) {
                break; // the agent has not seen the rest, and asks for it
            }
        }
        send(new Answer(200, AgentPoll.CONTENT_TYPE, body.toBytes()));
    }

    @Override
    public void over() {
        fail(new RefusedException(Reason.CONFLICT, "this line is over; ask for another"));
    }

    void fail(Throwable why) {
        send(Problems.of(why));
    }

    private void send(Answer answer) {
        loop.runOnContext(none -> {
            answered = true;
            request.vertx().cancelTimer(timer); // it would keep this request in memory
            RequestThreads.send(request, answer);
        });
    }
}
