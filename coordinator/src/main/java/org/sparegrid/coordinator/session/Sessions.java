// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.session;

import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.sparegrid.coordinator.metric.Metrics;
import org.sparegrid.coordinator.operation.Operations.AgentLink;
import org.sparegrid.protocol.SellerId;
import org.sparegrid.protocol.control.CoordinatorMessage;

/// Which agents are connected, and when the others were last heard of.
public final class Sessions {
    private final Instant start;
    private final Map<SellerId, AgentLink> links = new ConcurrentHashMap<>();
    private final Map<SellerId, Integer> latencies = new ConcurrentHashMap<>();
    private final Map<SellerId, Instant> left = new ConcurrentHashMap<>();

    /// Nobody is connected; everybody counts as heard of at `start`.
    public Sessions(Instant start) {
        this.start = start;
    }

    /// Has everybody see how many there are.
    public void show(Metrics metrics) {
        metrics.gauge("sparegrid.agents", "Agents that are connected.", this::size);
        metrics.gauge(
                "sparegrid.agents.polling",
                "Connected agents that poll, as they can't have a WebSocket.",
                this::polled);
    }

    /// The agent is connected.
    public void put(SellerId seller, AgentLink link) {
        links.put(seller, link);
    }

    /// The link is gone.
    ///
    /// @return whether the agent has no other
    public boolean remove(SellerId seller, AgentLink link, Instant now) {
        if (links.remove(seller, link)) {
            left.put(seller, now);
            return true;
        }
        return false;
    }

    /// How many agents are connected.
    public int size() {
        return links.size();
    }

    /// How many of them poll.
    private long polled() {
        return links.values().stream().filter(AgentLink::isPolled).count();
    }

    public boolean isConnected(SellerId seller) {
        return links.containsKey(seller);
    }

    /// From which IP address an agent that is connected has called.
    public Optional<String> address(SellerId seller) {
        return Optional.ofNullable(links.get(seller)).map(AgentLink::address);
    }

    /// Notes how long a frame takes to the agent and back.
    public void measured(SellerId seller, int roundTripMicros) {
        latencies.merge(seller, roundTripMicros, Sessions::smoothed);
    }

    /// The usual round trip to an agent in microseconds, if it was measured.
    public Optional<Integer> latency(SellerId seller) {
        return Optional.ofNullable(latencies.get(seller));
    }

    /// One part in eight of each new measurement counts, as in TCP (RFC 6298).
    private static int smoothed(int old, int measured) {
        return old + (measured - old) / 8;
    }

    /// When the agent was last heard of, which is now if it is connected.
    public Instant heard(SellerId seller, Instant now) {
        return isConnected(seller) ? now : left.getOrDefault(seller, start);
    }

    /// Sends a message if the agent is connected; otherwise it learns all when it comes back.
    public void send(SellerId seller, CoordinatorMessage message) {
        AgentLink link = links.get(seller);
        if (link != null) {
            link.send(message);
        }
    }
}
