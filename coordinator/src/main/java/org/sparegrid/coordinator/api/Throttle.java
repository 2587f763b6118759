// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.api;

import io.vertx.ext.web.RoutingContext;
import java.security.cert.X509Certificate;
import java.util.Optional;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Function;
import org.sparegrid.coordinator.limit.RateLimit;
import org.sparegrid.coordinator.metric.Metrics;
import org.sparegrid.coordinator.operation.Caller;
import org.sparegrid.coordinator.operation.RefusedException;
import org.sparegrid.protocol.SellerId;

/// How many requests each address, account, key and seller may make. Every request takes a token,
/// however long its answer takes; sessions of agents are no requests.
final class Throttle {
    /// An upload begins with some hundred chunks, and a program with the state of all it has.
    private static final int SECONDS_AT_ONCE = 5;

    private static final int GUESSES_AT_ONCE = 20;
    private static final int GUESSES_PER_MINUTE = 30;

    private final RateLimit addresses;
    private final RateLimit guesses = new RateLimit(GUESSES_AT_ONCE, GUESSES_PER_MINUTE);
    private final RateLimit accounts;
    private final RateLimit keys;
    private final LongAdder refused = new LongAdder();
    private final Function<X509Certificate, SellerId> sellerOf;

    /// @param perAddress requests a second of one address or seller, 0 for any number
    /// @param perAccount requests a second of one account, 0 for any number; one of its keys may
    ///   make half of that, so that a program that runs wild does not shut its owner out
    /// @param sellerOf names the seller of a certificate
    Throttle(
            int perAddress,
            int perAccount,
            Function<X509Certificate, SellerId> sellerOf,
            Metrics metrics) {
        this.addresses = ofSecond(perAddress);
        this.accounts = ofSecond(perAccount);
        this.keys = ofSecond((perAccount + 1) / 2);
        this.sellerOf = sellerOf;
        metrics.counter(
                "sparegrid.requests.limited",
                "Requests that were refused as too many.",
                refused::sum);
    }

    private static RateLimit ofSecond(int perSecond) {
        return new RateLimit(perSecond * SECONDS_AT_ONCE, perSecond * 60);
    }

    /// Goes on if the client may ask now. A seller's computer has its own count, as hundreds of
    /// them may share an address.
    void admit(RoutingContext context) {
        Optional<SellerId> seller =
                Call.seller(context.request().connection().sslSession(), sellerOf);
        String asker = seller.map(SellerId::toString).orElseGet(() -> address(context));
        admit(context, addresses, asker, "too many requests from this address");
    }

    /// Goes on if the client's address may try a password or a token now.
    void admitGuess(RoutingContext context) {
        admit(context, guesses, address(context), "too many attempts from this address");
    }

    private void admit(RoutingContext context, RateLimit limit, String asker, String why) {
        try {
            take(limit, asker, why);
        } catch (RefusedException tooMany) {
            RequestThreads.send(context, Problems.of(tooMany));
            return;
        }
        context.next();
    }

    /// Counts a request of that account.
    ///
    /// @throws RefusedException if it has made too many, or the key has
    void admit(Caller.Holder holder) throws RefusedException {
        if (holder instanceof Caller.Program(_, var key, _)) {
            take(keys, key.toString(), "too many requests with the key " + key);
        }
        take(
                accounts,
                holder.account().toString(),
                "too many requests of this account, all its sessions and keys together");
    }

    private void take(RateLimit limit, String asker, String why) throws RefusedException {
        int seconds = limit.waitSeconds(asker, System.nanoTime());
        if (seconds > 0) {
            refused.increment();
            throw RefusedException.tooMany(why, seconds);
        }
    }

    private static String address(RoutingContext context) {
        return context.request().remoteAddress().hostAddress();
    }
}
