// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.api;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.RoutingContext;
import java.security.cert.X509Certificate;
import java.util.Set;
import java.util.concurrent.Semaphore;
import java.util.function.Function;
import org.sparegrid.coordinator.operation.Operations;
import org.sparegrid.coordinator.operation.RefusedException;
import org.sparegrid.protocol.SellerId;
import org.sparegrid.protocol.http.Gzip;

/// The one bridge from event loops to code that waits: a virtual thread a request.
final class RequestThreads {
    /// More than this many requests at once are refused; each may hold a body of some megabytes.
    private static final int AT_ONCE_MAX = 2_000;

    private final Semaphore room = new Semaphore(AT_ONCE_MAX);
    private final Operations operations;
    private final Function<X509Certificate, SellerId> sellerOf;
    private final Throttle throttle;

    RequestThreads(
            Operations operations,
            Function<X509Certificate, SellerId> sellerOf,
            Throttle throttle) {
        this.throttle = throttle;
        this.operations = operations;
        this.sellerOf = sellerOf;
    }

    void answer(RoutingContext context, RestRoutes.Route route) {
        if (!room.tryAcquire()) {
            send(context, Problems.of(RefusedException.tooMany("the coordinator is busy", 1)));
            return;
        }
        Thread.ofVirtual()
                .name("request " + context.request().method() + " " + context.request().path())
                .start(() -> {
                    try {
                        Answer answer = attempt(context, route);
                        context.vertx()
                                .getOrCreateContext()
                                .runOnContext(none -> send(context, answer));
                    } finally {
                        room.release();
                    }
                });
    }

    private Answer attempt(RoutingContext context, RestRoutes.Route route) {
        try {
            return route.answer(new Call(context, operations, sellerOf, throttle, Set.of()));
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            return Problems.of(interrupted);
        } catch (Exception | Error failure) {
            return Problems.of(failure);
        }
    }

    static void send(RoutingContext context, Answer answer) {
        HttpServerResponse response = context.response();
        if (response.ended() || response.closed()) {
            return;
        }
        response.setStatusCode(answer.status()).putHeader("Cache-Control", "no-store");
        if (answer.waitSeconds() > 0) {
            response.putHeader("Retry-After", Integer.toString(answer.waitSeconds()));
        }
        if (answer.type().isEmpty()) {
            response.end();
            return;
        }
        response.putHeader("Content-Type", answer.type());
        if (answer.coded()) {
            response.putHeader("Content-Encoding", Gzip.NAME);
        }
        response.end(Buffer.buffer(answer.body()));
    }
}
