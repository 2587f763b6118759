// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.api;

import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.List;
import org.sparegrid.coordinator.metric.Metrics;
import org.sparegrid.coordinator.operation.Operations;
import org.sparegrid.coordinator.operation.RefusedException;
import org.sparegrid.coordinator.operation.RefusedException.Reason;

/// What those who run the coordinator, and their programs, ask of it.
final class OperatorRoutes {
    private final Operations operations;
    private final Metrics metrics;
    private final String metricsToken;

    /// The answer about one's health.
    private record Health(String status, List<String> faults) {}

    /// @param metricsToken what must be shown to see figures; if empty nobody sees them
    OperatorRoutes(Operations operations, Metrics metrics, String metricsToken) {
        this.operations = operations;
        this.metrics = metrics;
        this.metricsToken = metricsToken;
    }

    void addTo(Router router, RequestThreads threads) {
        router.get("/health/live")
                .handler(context ->
                        RequestThreads.send(context, Answer.ok(new Health("live", List.of()))));
        router.get("/health/ready")
                .handler(context -> threads.answer(context, call -> readiness()));
        router.get("/metrics").handler(context -> threads.answer(context, call -> figures(call)));
    }

    /// Counts an answer once it is sent.
    void count(RoutingContext context, String operation) {
        long began = System.nanoTime();
        context.addEndHandler(ended ->
                metrics.answered(
                        operation,
                        context.response().getStatusCode(),
                        java.time.Duration.ofNanos(System.nanoTime() - began)));
        context.next();
    }

    private Answer readiness() {
        List<String> faults = operations.faults();
        return faults.isEmpty()
                ? Answer.ok(new Health("ready", faults))
                : Answer.of(503, new Health("not ready", faults));
    }

    private Answer figures(Call call) {
        if (metricsToken.isEmpty()) {
            throw RefusedException.notFound("page; set metrics-token to have figures");
        }
        if (!MessageDigest.isEqual(bytes(metricsToken), bytes(call.token()))) {
            throw new RefusedException(
                    Reason.UNAUTHENTICATED, "figures need the setting metrics-token as a bearer");
        }
        return new Answer(200, Metrics.CONTENT_TYPE, bytes(metrics.text()));
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
