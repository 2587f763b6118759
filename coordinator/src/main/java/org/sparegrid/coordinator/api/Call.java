// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.api;

import io.vertx.ext.web.RoutingContext;
import java.io.IOException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;
import org.jspecify.annotations.Nullable;
import org.sparegrid.coordinator.operation.Caller;
import org.sparegrid.coordinator.operation.Operations;
import org.sparegrid.coordinator.operation.RefusedException;
import org.sparegrid.coordinator.operation.RefusedException.Reason;
import org.sparegrid.protocol.AccountId;
import org.sparegrid.protocol.FailureText;
import org.sparegrid.protocol.SellerId;
import org.sparegrid.protocol.api.ApiKey;
import org.sparegrid.protocol.api.ApiKey.Scope;
import org.sparegrid.protocol.http.Gzip;
import org.sparegrid.protocol.json.Format;
import org.sparegrid.protocol.json.MessageFormatException;
import org.sparegrid.protocol.market.Query;
import org.sparegrid.protocol.market.QueryException;
import org.sparegrid.protocol.market.Ranking;

/// One request, its parts read as typed values. The request was checked against openapi.yaml.
final class Call {
    private static final String BEARER = "Bearer ";

    private final RoutingContext context;
    private final Operations operations;
    private final Function<X509Certificate, SellerId> sellerOf;
    private final Throttle throttle;
    private final Set<Scope> scopes;
    private boolean counted;

    /// @param scopes those of which a key needs one here; if there are none, no key will do
    Call(
            RoutingContext context,
            Operations operations,
            Function<X509Certificate, SellerId> sellerOf,
            Throttle throttle,
            Set<Scope> scopes) {
        this.context = context;
        this.operations = operations;
        this.sellerOf = sellerOf;
        this.throttle = throttle;
        this.scopes = scopes;
    }

    /// The same request, of an operation for which keys of some scopes are good.
    Call of(Set<Scope> keys) {
        return new Call(context, operations, sellerOf, throttle, keys);
    }

    String path(String name) {
        @Nullable String value = context.pathParam(name);
        return value == null ? "" : value;
    }

    long number(String name, long otherwise) throws RefusedException {
        List<String> given = context.queryParam(name);
        if (given.isEmpty()) {
            return otherwise;
        }
        try {
            return Long.parseLong(given.getFirst());
        } catch (NumberFormatException malformed) {
            throw new RefusedException(Reason.INVALID, name + ": expected a whole number");
        }
    }

    /// A parameter in the query language; all there is if it was not given.
    Query query(String name) throws RefusedException {
        List<String> given = context.queryParam(name);
        try {
            return given.isEmpty() ? Query.ANY : Query.parse(given.getFirst());
        } catch (QueryException wrong) {
            throw new RefusedException(Reason.INVALID, name + ": " + wrong.getMessage());
        }
    }

    /// A parameter that says how to sort; by price if it was not given.
    Ranking ranking(String name) throws RefusedException {
        List<String> given = context.queryParam(name);
        try {
            return given.isEmpty() ? Ranking.BY_PRICE : Ranking.parse(given.getFirst());
        } catch (QueryException wrong) {
            throw new RefusedException(Reason.INVALID, name + ": " + wrong.getMessage());
        }
    }

    Duration patience() throws RefusedException {
        return Duration.ofSeconds(number("wait", 0));
    }

    String header(String name) {
        @Nullable String value = context.request().getHeader(name);
        return value == null ? "" : value;
    }

    /// The last value of each header, by its name in lower case.
    Map<String, String> headers() {
        Map<String, String> headers = new HashMap<>();
        context.request()
                .headers()
                .forEach((name, value) -> headers.put(name.toLowerCase(Locale.ROOT), value));
        return headers;
    }

    byte[] bytes(int lengthMax) throws RefusedException {
        byte[] bytes =
                context.body().buffer() == null ? new byte[0] : context.body().buffer().getBytes();
        if (bytes.length > lengthMax) {
            throw new RefusedException(
                    Reason.TOO_LARGE,
                    "expected at most " + lengthMax + " bytes, got " + bytes.length);
        }
        return bytes;
    }

    /// The body, decoded if the client coded it.
    byte[] decodedBytes(int lengthMax) throws RefusedException {
        byte[] sent = bytes(lengthMax);
        String coding = header("Content-Encoding");
        if (coding.isEmpty()) {
            return sent;
        }
        if (!coding.equalsIgnoreCase(Gzip.NAME)) {
            throw new RefusedException(Reason.INVALID, "Content-Encoding: expected gzip or none");
        }
        try {
            return Gzip.decode(sent, lengthMax);
        } catch (IOException wrong) {
            throw new RefusedException(Reason.INVALID, FailureText.of(wrong));
        }
    }

    <T> T body(Class<T> type, int lengthMax) throws RefusedException, MessageFormatException {
        return Format.JSON.read(bytes(lengthMax), type);
    }

    <T> T body(Class<T> type) throws RefusedException, MessageFormatException {
        return body(type, RestRoutes.BODY_MAX_BYTES);
    }

    String token() {
        String value = header("Authorization");
        return value.startsWith(BEARER) && value.length() < 500
                ? value.substring(BEARER.length())
                : "";
    }

    AccountId person() throws RefusedException {
        return holder().account();
    }

    /// Who acts for an account here: a person, or a program whose key is good for this operation.
    Caller.Holder holder() throws RefusedException {
        Caller.Holder holder =
                operations
                        .holder(token())
                        .orElseThrow(() ->
                                new RefusedException(Reason.UNAUTHENTICATED, unknown(token())));
        if (!counted) {
            counted = true;
            throttle.admit(holder);
        }
        if (holder instanceof Caller.Program(_, var key, var own)
                && Collections.disjoint(own, scopes)) {
            throw new RefusedException(
                    Reason.FORBIDDEN,
                    scopes.isEmpty()
                            ? "only a person who logged in may do that, no key"
                            : "the key " + key + " has none of the scopes " + names(scopes));
        }
        return holder;
    }

    private static String unknown(String token) {
        return token.startsWith(ApiKey.TOKEN_PREFIX)
                ? "the key is unknown, revoked or has expired; make a new one"
                : "the session is unknown or has expired; log in again";
    }

    private static String names(Set<Scope> scopes) {
        return scopes.stream()
                .sorted()
                .map(scope -> scope.name().toLowerCase(Locale.ROOT))
                .collect(Collectors.joining(", "));
    }

    Caller caller() throws RefusedException {
        Optional<SellerId> seller = seller(context.request().connection().sslSession(), sellerOf);
        if (seller.isEmpty()) {
            return holder();
        }
        if (!operations.isEnrolled(seller.get())) {
            throw new RefusedException(
                    Reason.UNAUTHENTICATED, "this computer is not enrolled as a seller");
        }
        return new Caller.Agent(seller.get());
    }

    /// The seller whose certificate the client presented; TLS has checked that it is ours and
    /// valid.
    static Optional<SellerId> seller(
            @Nullable SSLSession session, Function<X509Certificate, SellerId> sellerOf) {
        if (session == null) {
            return Optional.empty();
        }
        try {
            return session.getPeerCertificates()[0] instanceof X509Certificate certificate
                    ? Optional.of(sellerOf.apply(certificate))
                    : Optional.empty();
        } catch (SSLPeerUnverifiedException none) {
            return Optional.empty();
        }
    }
}
