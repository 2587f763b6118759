// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.api;

import io.vertx.ext.web.handler.HttpException;
import io.vertx.openapi.validation.ValidatorException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;
import org.sparegrid.coordinator.operation.RefusedException;
import org.sparegrid.coordinator.operation.RefusedException.Reason;
import org.sparegrid.coordinator.store.FencedException;
import org.sparegrid.protocol.api.Problem;
import org.sparegrid.protocol.json.Format;
import org.sparegrid.protocol.json.MessageFormatException;

/// Turns failures of requests into problem documents. Source: RFC 9457.
final class Problems {
    private static final Logger LOG = System.getLogger(Problems.class.getName());

    private Problems() {}

    static Answer of(Throwable failure) {
        return switch (failure) {
            case RefusedException refused ->
                    answer(refused.reason(), message(refused), refused.errors())
                            .after(refused.waitSeconds());
            case MessageFormatException malformed ->
                    answer(Reason.INVALID, message(malformed), List.of());
            case IllegalArgumentException malformed ->
                    answer(Reason.INVALID, message(malformed), List.of());
            case ValidatorException malformed ->
                    answer(Reason.INVALID, message(malformed), List.of());
            case FencedException _ ->
                    problem(
                            "unavailable",
                            "another node has taken over",
                            503,
                            "nothing was changed; try again",
                            List.of());
            default -> incident(failure);
        };
    }

    /// The problem for a status that the router itself decided on.
    static Answer ofStatus(int status, @Nullable Throwable failure) {
        if (failure instanceof HttpException decided) {
            // The router wraps what the contract's check found, if it was that.
            return ofStatus(
                    decided.getStatusCode(),
                    decided.getCause() instanceof ValidatorException fault ? fault : null);
        }
        if (failure != null && !(status == 413 || status == 404 || status == 405)) {
            return of(failure);
        }
        return switch (status) {
            case 404, 405 ->
                    answer(
                            Reason.NOT_FOUND,
                            "there is no such thing here; see /openapi.yaml",
                            List.of());
            case 413 -> answer(Reason.TOO_LARGE, "the request's body is too long", List.of());
            case 400, 415 -> answer(Reason.INVALID, "the request is malformed", List.of());
            default -> incident(new IllegalStateException("status " + status));
        };
    }

    private static Answer answer(Reason reason, String detail, List<String> errors) {
        return problem(reason.problem(), reason.title(), reason.status(), detail, errors);
    }

    private static Answer incident(Throwable failure) {
        String incident =
                HexFormat.of().toHexDigits(ThreadLocalRandom.current().nextLong()).substring(8);
        LOG.log(Level.ERROR, () -> "request failed incident=" + incident, failure);
        return problem(
                "internal",
                "the coordinator failed",
                500,
                "try again; the operator finds this failure in the log as incident " + incident,
                List.of());
    }

    private static Answer problem(
            String name, String title, int status, String detail, List<String> errors) {
        return new Answer(
                status,
                "application/problem+json",
                Format.JSON.write(
                        new Problem(Problem.TYPE_PREFIX + name, title, status, detail, errors)));
    }

    private static String message(Throwable failure) {
        @Nullable String message = failure.getMessage();
        return message == null ? "no reason was given" : message;
    }
}
