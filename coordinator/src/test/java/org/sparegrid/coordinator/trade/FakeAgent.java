// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.trade;

import java.util.Base64;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.sparegrid.coordinator.operation.Operations;
import org.sparegrid.protocol.Credits;
import org.sparegrid.protocol.LeaseId;
import org.sparegrid.protocol.SellerId;
import org.sparegrid.protocol.VolumeId;
import org.sparegrid.protocol.control.AgentMessage;
import org.sparegrid.protocol.control.CoordinatorMessage;
import org.sparegrid.protocol.control.MachineReport;
import org.sparegrid.protocol.market.Acceleration;
import org.sparegrid.protocol.market.Ask;
import org.sparegrid.protocol.market.AskTraits;
import org.sparegrid.protocol.market.EndReason;
import org.sparegrid.protocol.market.LeaseProgress;
import org.sparegrid.protocol.market.MachineSize;
import org.sparegrid.protocol.market.Usage;

/// A seller's agent that does what the test says and remembers what it was told.
final class FakeAgent implements Operations.AgentLink {
    private final SellerId seller;
    private final Ask ask;
    private final List<CoordinatorMessage> told = new CopyOnWriteArrayList<>();
    private String address = "192.0.2.1";

    FakeAgent(SellerId seller, String price, int slots) {
        this(seller, price, slots, AskTraits.UNKNOWN);
    }

    FakeAgent(SellerId seller, String price, int slots, AskTraits traits) {
        this.seller = seller;
        this.ask =
                new Ask(
                        "machine",
                        slots,
                        new MachineSize(2, 1024, 0),
                        Credits.parse(price),
                        Acceleration.KVM,
                        "",
                        1000,
                        "1",
                        traits);
    }

    /// Calls from that address.
    FakeAgent at(String other) {
        address = other;
        return this;
    }

    @Override
    public String address() {
        return address;
    }

    /// Connects and says what it has.
    FakeAgent connect(Market market, MachineReport... machines) {
        return connect(market, List.of(), machines);
    }

    /// Connects and says what it has, some volumes included.
    FakeAgent connect(Market market, List<VolumeId> volumes, MachineReport... machines) {
        market.connected(seller, this);
        market.received(seller, new AgentMessage.Inventory(ask, true, List.of(machines), volumes));
        return this;
    }

    void disconnect(Market market) {
        market.disconnected(seller, this);
    }

    @Override
    public void send(CoordinatorMessage message) {
        told.add(message);
    }

    /// What it was told of one kind, oldest first.
    <T extends CoordinatorMessage> List<T> told(Class<T> kind) {
        return told.stream().filter(kind::isInstance).map(kind::cast).toList();
    }

    void forget() {
        told.clear();
    }

    void accept(Market market, LeaseId lease, int key) {
        say(market, new AgentMessage.LeaseAccepted(lease, key(key), List.of("192.0.2.1:4500")));
    }

    void progress(Market market, LeaseId lease, LeaseProgress.Phase phase) {
        say(market, new AgentMessage.Progress(lease, new LeaseProgress(phase, 0, 0)));
    }

    void meter(Market market, LeaseId lease, long runMillis) {
        say(market, new AgentMessage.Metered(lease, usage(runMillis)));
    }

    void end(Market market, LeaseId lease, EndReason reason, long runMillis) {
        say(market, new AgentMessage.Ended(lease, reason, "", usage(runMillis)));
    }

    void say(Market market, AgentMessage message) {
        market.received(seller, message);
    }

    /// Takes a lease through its start.
    void run(Market market, LeaseId lease, int key) {
        accept(market, lease, key);
        progress(market, lease, LeaseProgress.Phase.BOOTING);
        progress(market, lease, LeaseProgress.Phase.ON_NETWORK);
    }

    static MachineReport report(LeaseId lease, LeaseProgress.Phase phase, int key, long runMillis) {
        return new MachineReport(
                lease,
                new LeaseProgress(phase, 0, 0),
                key(key),
                List.of("192.0.2.1:4500"),
                usage(runMillis));
    }

    static Usage usage(long runMillis) {
        return new Usage(runMillis, 0, 0, 0);
    }

    static String key(int number) {
        byte[] key = new byte[32];
        key[0] = (byte) number;
        return Base64.getEncoder().encodeToString(key);
    }
}
