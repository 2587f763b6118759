// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet.path;

import java.net.InetSocketAddress;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.sparegrid.virtualethernet.relay.StreamAddress;
import org.sparegrid.virtualethernet.stun.StunMessage;

/// Finds out whether the NAT maps each target anew, by asking a relay on both of its ports how it
/// sees this one. Safe for many threads.
///
/// Source: RFC 5780, section 4.3; docs/protocol/path-probe.md, section 4.
public final class MappingCheck {
    /// As often as relays are asked to forward, so that what they saw stays fresh.
    static final long EVERY_NANOS = 20_000_000_000L;

    /// How often it is asked while no answer has come; the caller asks no oftener than it hears the
    /// relay.
    static final long RETRY_NANOS = 500_000_000L;

    /// Relays that are asked; one is enough, more speed it up.
    static final int RELAYS_MAX = 4;

    /// Makes the question longer than its answer, as the relay demands.
    private static final int PADDING = 40;

    private final OwnAddresses own;
    private final RandomGenerator random;
    private final Map<InetSocketAddress, Asked> asked = new LinkedHashMap<>();

    private static final class Asked {
        StunMessage.@Nullable Transaction first;
        StunMessage.@Nullable Transaction second;
        long sentNanos = Trial.NEVER;
        long answeredNanos = Trial.NEVER;
    }

    /// A question to send.
    public record Question(StunMessage.Request request, InetSocketAddress to) {
        /// The datagram to send.
        public byte[] datagram() {
            return request.toBytes();
        }
    }

    /// @param own where to note what is seen
    public MappingCheck(OwnAddresses own, RandomGenerator random) {
        this.own = own;
        this.random = random;
    }

    /// A relay has been heard: what to ask it now, if anything.
    public synchronized Optional<Question> heard(InetSocketAddress relay, long nowNanos) {
        if (StreamAddress.is(relay) || (asked.size() >= RELAYS_MAX && !asked.containsKey(relay))) {
            return Optional.empty();
        }
        Asked state = asked.computeIfAbsent(relay, _ -> new Asked());
        boolean due =
                nowNanos - state.answeredNanos >= EVERY_NANOS
                        && nowNanos - state.sentNanos >= RETRY_NANOS;
        if (!due) {
            return Optional.empty();
        }
        state.sentNanos = nowNanos;
        StunMessage.Transaction transaction = StunMessage.Transaction.draw(random);
        state.first = transaction;
        return Optional.of(question(transaction, relay));
    }

    /// Takes an answer, which may be somebody else's; what to ask next, if anything.
    public synchronized Optional<Question> take(
            StunMessage message, InetSocketAddress from, long nowNanos) {
        if (!(message instanceof StunMessage.Success success)) {
            return Optional.empty();
        }
        for (Map.Entry<InetSocketAddress, Asked> each : asked.entrySet()) {
            Asked state = each.getValue();
            InetSocketAddress relay = each.getKey();
            if (success.transaction().equals(state.first) && from.equals(relay)) {
                state.first = null;
                own.seenBy(relay, success.seen(), nowNanos);
                return success.other()
                        .map(other -> {
                            state.second = StunMessage.Transaction.draw(random);
                            return question(
                                    state.second,
                                    new InetSocketAddress(relay.getAddress(), other.getPort()));
                        });
            }
            if (success.transaction().equals(state.second)
                    && from.getAddress().equals(relay.getAddress())) {
                state.second = null;
                state.answeredNanos = nowNanos;
                own.seenBy(from, success.seen(), nowNanos);
            }
        }
        return Optional.empty();
    }

    private static Question question(StunMessage.Transaction transaction, InetSocketAddress to) {
        var wish = new StunMessage.Wish(false, 0, PADDING);
        return new Question(new StunMessage.Request(transaction, Optional.of(wish), List.of()), to);
    }
}
