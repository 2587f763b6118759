// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.lease;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import org.sparegrid.agent.image.StreamStatus;
import org.sparegrid.agent.owner.RunState;
import org.sparegrid.agent.process.ProcessId;
import org.sparegrid.agent.volume.VolumeStore;
import org.sparegrid.protocol.LeaseId;
import org.sparegrid.protocol.SellerId;
import org.sparegrid.protocol.SlotId;
import org.sparegrid.protocol.VolumeId;
import org.sparegrid.protocol.control.AgentMessage;
import org.sparegrid.protocol.control.CoordinatorMessage;
import org.sparegrid.protocol.control.CoordinatorMessage.LeaseOffered;
import org.sparegrid.protocol.control.MachineReport;
import org.sparegrid.protocol.market.Ask;
import org.sparegrid.protocol.market.EndReason;
import org.sparegrid.protocol.market.Usage;
import org.sparegrid.virtualethernet.Attachment;
import org.sparegrid.virtualethernet.meter.DropReason;
import org.sparegrid.virtualethernet.userspace.TcpConnection;

/// All leases of this computer. Any thread may call.
public final class LeaseDesk {
    private static final System.Logger LOG = System.getLogger(LeaseDesk.class.getName());

    /// The one port of machines that the coordinator may reach.
    private static final int SSH_PORT = 22;

    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(10);

    private final LeaseTools tools;
    private final SellerId seller;
    private final Map<LeaseId, LeaseRun> leases = new ConcurrentHashMap<>();
    private volatile Ask ask;
    private volatile boolean selling;
    private volatile Hold hold;

    /// @param ask what is offered
    /// @param selling whether new leases are taken
    /// @param hold what guests may do at first
    public LeaseDesk(LeaseTools tools, SellerId seller, Ask ask, boolean selling, Hold hold) {
        this.tools = tools;
        this.seller = seller;
        this.ask = ask;
        this.selling = selling;
        this.hold = hold;
    }

    /// Goes on with all leases that were written down, and removes guests that nobody knows.
    public void recover() throws IOException {
        List<LeaseRecord> known = tools.journal().load();
        Set<String> names = new HashSet<>();
        for (LeaseRecord lease : known) {
            names.add(lease.id().value());
        }
        tools.checkpoints().keepOnly(names);
        for (String name : tools.hypervisor().names()) {
            if (!names.contains(name)) {
                LOG.log(System.Logger.Level.WARNING, () -> "unknown guest removed guest=" + name);
                tools.hypervisor().purge(name);
            }
        }
        for (LeaseRecord lease : known) {
            LOG.log(
                    System.Logger.Level.INFO,
                    () ->
                            "lease taken up again lease="
                                    + lease.id()
                                    + " stage="
                                    + lease.state().stage()
                                    + " process="
                                    + lease.process().pid());
            leases.put(
                    lease.id(),
                    LeaseRun.recover(
                            tools,
                            lease,
                            this::imagesInUse,
                            hold,
                            () -> forget(lease.id()),
                            new Semaphore(0)));
        }
        tools.images().serveOnly(imagesInUse());
    }

    /// Does what the coordinator says; when this returns, it is written down.
    public void handle(CoordinatorMessage message) throws IOException {
        switch (message) {
            case LeaseOffered offer -> offered(offer);
            case CoordinatorMessage.NetworkChanged changed -> {
                LeaseRun run = leases.get(changed.lease());
                if (run != null) {
                    run.networkChanged(changed);
                }
            }
            case CoordinatorMessage.StopLease stop -> stop(stop.lease(), stop.why());
            case CoordinatorMessage.ConsoleInput keys -> {
                LeaseRun run = leases.get(keys.lease());
                if (run != null) {
                    run.guest().type(keys.bytes());
                }
            }
            case CoordinatorMessage.TpmChallenged challenge -> tools.trust().challenged(challenge);
            case CoordinatorMessage.TrustAsked(var lease, var question) -> {
                LeaseRun run = leases.get(lease);
                if (run != null) {
                    run.asked(question);
                }
            }
            case CoordinatorMessage.KeepCheckpoints keep -> {
                LeaseRun run = leases.get(keep.lease());
                if (run != null) {
                    run.keepCheckpoints(keep.checkpoints());
                }
            }
            case CoordinatorMessage.StreamWanted wanted ->
                    tools.streams().open(wanted, () -> connect(wanted.lease()));
            case CoordinatorMessage.KeepVolume keep -> tools.volumes().keep(keep);
            case CoordinatorMessage.DropVolume drop -> tools.volumes().drop(drop);
            case CoordinatorMessage.OpenVolume open -> {
                if (leases.containsKey(open.lease())) {
                    tools.volumes().open(open);
                }
            }
            case CoordinatorMessage.Neighbours neighbours -> tools.images().named(neighbours);
            case CoordinatorMessage.PortKnocked(var label) -> awaitKnock(label);
            case CoordinatorMessage.Heartbeat _ -> {}
        }
    }

    /// Tells the coordinator of its knock, if that comes to the UDP port.
    private void awaitKnock(long label) {
        Thread.ofVirtual()
                .name("knock")
                .start(() -> {
                    try {
                        tools.overlay()
                                .awaitKnock(label)
                                .ifPresent(secret ->
                                        tools.outbox()
                                                .send(new AgentMessage.KnockHeard(label, secret)));
                    } catch (InterruptedException _) {
                        Thread.currentThread().interrupt();
                    }
                });
    }

    private TcpConnection connect(LeaseId lease) throws IOException {
        LeaseRun run = leases.get(lease);
        if (run == null) {
            throw new IOException("the machine is not here any more");
        }
        return run.guest().connect(SSH_PORT, CONNECT_TIMEOUT);
    }

    /// All that is true here, the first message of a session.
    public AgentMessage.Inventory inventory() throws IOException {
        List<MachineReport> reports = new ArrayList<>();
        for (LeaseRun run : leases.values()) {
            reports.add(run.report());
        }
        List<VolumeId> volumes = tools.volumes().list().stream().map(VolumeStore.Kept::id).toList();
        return new AgentMessage.Inventory(ask, isSelling(), reports, volumes);
    }

    /// Whether new leases are taken now.
    public boolean isSelling() {
        return selling && !hold.state().standsStill();
    }

    /// Holds all guests back, or lets them go. Any thread; returns at once.
    public synchronized void hold(Hold now) {
        boolean before = isSelling();
        hold = now;
        leases.values().forEach(run -> run.hold(now));
        if (isSelling() != before) {
            tools.outbox().send(new AgentMessage.AskChanged(ask, isSelling()));
        }
    }

    /// What is offered now.
    public Ask ask() {
        return ask;
    }

    /// Takes new leases from now on, or no more.
    public synchronized void sell(boolean ready) {
        boolean before = isSelling();
        selling = ready;
        if (isSelling() != before) {
            tools.outbox().send(new AgentMessage.AskChanged(ask, isSelling()));
        }
    }

    /// Asks another price for new leases from now on.
    public synchronized void offer(Ask changed) {
        if (!changed.equals(ask)) {
            ask = changed;
            tools.outbox().send(new AgentMessage.AskChanged(ask, isSelling()));
        }
    }

    /// Tells again of the ends that no coordinator acknowledged.
    public void repeatEnds() {
        leases.values().forEach(LeaseRun::sendEnded);
    }

    /// Whether the guests of an earlier run of this program were taken up, or found gone.
    public boolean isTakenUp() {
        return leases.values().stream().allMatch(LeaseRun::isTakenUp);
    }

    /// The leases as they stand.
    public List<LeaseRecord> leases() {
        return leases.values().stream().map(LeaseRun::lease).toList();
    }

    /// The lease whose guest has a volume, or will have or had it.
    public Optional<LeaseId> user(VolumeId volume) {
        return leases().stream()
                .filter(lease -> lease.offer().volumes().contains(volume))
                .filter(lease -> lease.state().stage() != Stage.ENDED)
                .map(LeaseRecord::id)
                .findFirst();
    }

    /// Removes a volume for the owner.
    ///
    /// @throws IOException if it is in use, or not here
    public synchronized void dropVolume(VolumeId volume) throws IOException {
        Optional<LeaseId> user = user(volume);
        if (user.isPresent()) {
            throw new IOException(
                    "volume "
                            + volume
                            + " is in use by guest "
                            + user.get()
                            + "; wait for its end");
        }
        if (!tools.volumes().has(volume)) {
            throw new IOException("there is no volume " + volume + "; see sparegrid-agent volumes");
        }
        tools.volumes().remove(volume, "its seller removed it from the computer");
    }

    /// The frames that a guest's network refused since this process took the guest up.
    public Map<DropReason, Long> refused(LeaseId id) {
        return attachment(id).map(joined -> joined.counters().drops()).orElse(Map.of());
    }

    /// A guest's place on its network, while it has one.
    public Optional<Attachment> attachment(LeaseId id) {
        return Optional.ofNullable(leases.get(id)).flatMap(run -> run.guest().attachment());
    }

    /// How far a guest's disc has come, if it isn't here as a whole.
    public Optional<StreamStatus> disc(LeaseId id) {
        return Optional.ofNullable(leases.get(id)).flatMap(run -> run.guest().disc().status());
    }

    /// Ends all leases and waits for it, at most as long as given.
    public void stopAll(String why, long millisMax) throws IOException, InterruptedException {
        for (LeaseRun run : leases.values()) {
            run.stop(EndReason.SELLER, why);
        }
        for (long waited = 0; waited < millisMax && anyAlive(); waited += 50) {
            Thread.sleep(50);
        }
    }

    /// Saves all guests that can be saved to the disk; waits at most as long as given.
    public void parkAll(String why, long millisMax) throws InterruptedException {
        hold(new Hold(RunState.PARKED, 0, 0, 0, why));
        for (long waited = 0; waited < millisMax && anyToPark(); waited += 50) {
            Thread.sleep(50);
        }
    }

    /// A guest with a volume is never saved.
    private boolean anyToPark() {
        return leases().stream()
                .anyMatch(lease ->
                        lease.state().stage() == Stage.ON_NETWORK
                                && lease.offer().volumes().isEmpty());
    }

    /// Stops working; guests run on.
    public void leave() throws InterruptedException {
        for (LeaseRun run : leases.values()) {
            run.leave();
        }
    }

    private boolean anyAlive() {
        return leases().stream().anyMatch(lease -> lease.state().stage() != Stage.ENDED);
    }

    private synchronized void offered(LeaseOffered offer) throws IOException {
        LeaseRun known = leases.get(offer.lease());
        if (known != null) {
            known.sendAccepted();
            return;
        }
        Optional<String> fault = fault(offer);
        if (fault.isPresent()) {
            tools.outbox().send(new AgentMessage.LeaseRejected(offer.lease(), fault.get()));
            return;
        }
        leases.put(
                offer.lease(),
                LeaseRun.accept(
                        tools, offer, this::imagesInUse, hold, () -> forget(offer.lease())));
    }

    /// Why the offer can't be taken, if there is a reason.
    private Optional<String> fault(LeaseOffered offer) throws IOException {
        for (VolumeId volume : offer.volumes()) {
            Optional<LeaseId> user = user(volume);
            if (user.isPresent()) {
                return Optional.of("volume " + volume + " is in use by machine " + user.get());
            }
            if (!tools.volumes().has(volume)) {
                return Optional.of("volume " + volume + " is not on this computer");
            }
        }
        SlotId slot = offer.slot();
        if (!isSelling()) {
            return Optional.of("this computer does not sell now");
        }
        if (!slot.seller().equals(seller) || number(slot) >= ask.slots()) {
            return Optional.of("there is no slot " + slot + " here");
        }
        boolean taken =
                leases().stream()
                        .anyMatch(lease ->
                                lease.offer().slot().equals(slot)
                                        && lease.state().stage() != Stage.ENDED);
        if (taken) {
            return Optional.of("slot " + slot + " is taken");
        }
        if (offer.trust() > tools.trust().level()) {
            return Optional.of(
                    "this computer can't prove level " + offer.trust() + ": its TPM can't be used");
        }
        return ask.size().covers(offer.size())
                ? Optional.empty()
                : Optional.of("the slot is smaller than " + offer.size());
    }

    private void stop(LeaseId lease, String why) throws IOException {
        LeaseRun run = leases.get(lease);
        if (run == null) {
            tools.outbox()
                    .send(
                            new AgentMessage.Ended(
                                    lease, EndReason.BUYER, "not known here", Usage.NONE));
        } else {
            run.stop(EndReason.BUYER, why);
            run.sendEnded();
        }
    }

    private void forget(LeaseId lease) {
        try {
            leases.remove(lease);
            tools.journal().remove(lease);
            tools.images().serveOnly(imagesInUse());
        } catch (IOException full) {
            LOG.log(
                    System.Logger.Level.WARNING,
                    () -> "files left lease=" + lease + " cause=" + full);
        }
    }

    private Set<String> imagesInUse() {
        Set<String> digests = new HashSet<>();
        for (LeaseRecord lease : leases()) {
            digests.add(lease.imageDigest());
        }
        digests.remove("");
        return digests;
    }

    private static int number(SlotId slot) {
        return Integer.parseInt(slot.value().substring(slot.value().indexOf('/') + 1));
    }

    /// Processes of all guests, for people.
    public List<ProcessId> processes() {
        return leases().stream().map(LeaseRecord::process).toList();
    }
}
