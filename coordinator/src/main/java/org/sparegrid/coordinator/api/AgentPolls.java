// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.api;

import io.vertx.core.Vertx;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.handler.BodyHandler;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Function;
import org.sparegrid.coordinator.metric.Metrics;
import org.sparegrid.coordinator.operation.Operations;
import org.sparegrid.coordinator.operation.RefusedException;
import org.sparegrid.coordinator.operation.RefusedException.Reason;
import org.sparegrid.coordinator.session.AgentLine;
import org.sparegrid.protocol.SellerId;
import org.sparegrid.protocol.control.AgentPoll;
import org.sparegrid.protocol.json.PollBody;

/// The requests by which agents poll that can't have a WebSocket.
///
/// Source: docs/protocol/agent-session.md, section "Polling".
final class AgentPolls {
    /// Polls of one agent that may be under way: two it makes, and as many that it gave up without
    /// that being known here. Each may have a body of some megabytes.
    private static final int AT_ONCE_MAX = 4;

    /// The key of the seller in a request's data.
    private static final String SELLER = "seller";

    private final Function<X509Certificate, SellerId> sellerOf;
    private final PollSession.Place place;
    private final Map<SellerId, Integer> underWay = new ConcurrentHashMap<>();
    private final LongAdder polls = new LongAdder();

    /// @param lines the sessions, whatever carries them
    AgentPolls(
            Operations operations,
            Vertx vertx,
            Duration heartbeat,
            Function<X509Certificate, SellerId> sellerOf,
            Function<SellerId, AgentLine> lines,
            Metrics metrics) {
        this.sellerOf = sellerOf;
        this.place = new PollSession.Place(operations, vertx, heartbeat, lines);
        metrics.counter("sparegrid.polls", "Polls of agents that were answered.", polls::sum);
    }

    void addTo(Router router, Throttle throttle) {
        router.post(AgentPoll.PATH).handler(this::admit);
        router.post(AgentPoll.PATH).handler(throttle::admit);
        router.post(AgentPoll.PATH)
                .handler(BodyHandler.create(false).setBodyLimit(PollBody.LENGTH_MAX_BYTES))
                .handler(this::answer);
    }

    /// Goes on for a seller's computer that has not too many polls under way; before its body is
    /// read.
    private void admit(RoutingContext context) {
        Optional<SellerId> known =
                Call.seller(context.request().connection().sslSession(), sellerOf);
        if (known.isEmpty()) {
            refuse(
                    context,
                    new RefusedException(
                            Reason.UNAUTHENTICATED,
                            "an agent must present its certificate; join first"));
            return;
        }
        SellerId seller = known.get();
        int now = underWay.merge(seller, 1, Integer::sum);
        context.addEndHandler(ended -> {
            polls.increment();
            underWay.computeIfPresent(seller, (id, count) -> count == 1 ? null : count - 1);
        });
        if (now > AT_ONCE_MAX) {
            refuse(context, RefusedException.tooMany("too many polls of this agent at once", 1));
            return;
        }
        context.put(SELLER, seller);
        context.next();
    }

    private void answer(RoutingContext context) {
        SellerId seller = Objects.requireNonNull(context.<SellerId>get(SELLER));
        byte[] body =
                context.body().buffer() == null ? new byte[0] : context.body().buffer().getBytes();
        PollSession session =
                new PollSession(
                        place, seller, new PollReply(context, place.vertx().getOrCreateContext()));
        String address = context.request().remoteAddress().hostAddress();
        Thread.ofVirtual().name("poll " + seller).start(() -> session.process(body, address));
    }

    private static void refuse(RoutingContext context, RefusedException why) {
        RequestThreads.send(context, Problems.of(why));
    }
}
