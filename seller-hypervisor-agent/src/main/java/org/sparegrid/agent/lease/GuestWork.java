// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.lease;

import java.io.IOException;
import java.io.OutputStream;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.sparegrid.agent.console.ConsolePort;
import org.sparegrid.agent.hypervisor.Confinement;
import org.sparegrid.agent.hypervisor.MachineContext;
import org.sparegrid.agent.hypervisor.VmEnd;
import org.sparegrid.agent.hypervisor.VmHandle;
import org.sparegrid.agent.hypervisor.VmSpec;
import org.sparegrid.agent.network.Overlay;
import org.sparegrid.agent.owner.RunState;
import org.sparegrid.agent.process.Kernel;
import org.sparegrid.agent.process.ProcessId;
import org.sparegrid.agent.trust.Standing;
import org.sparegrid.protocol.control.AgentMessage;
import org.sparegrid.protocol.control.Blob;
import org.sparegrid.protocol.control.CoordinatorMessage.LeaseOffered;
import org.sparegrid.protocol.control.CoordinatorMessage.NetworkChanged;
import org.sparegrid.protocol.control.TrustQuestion;
import org.sparegrid.protocol.market.NetworkMember;
import org.sparegrid.protocol.market.NetworkView;
import org.sparegrid.protocol.market.Usage;
import org.sparegrid.virtualethernet.Attachment;
import org.sparegrid.virtualethernet.network.PresharedKey;
import org.sparegrid.virtualethernet.network.PublicKey;
import org.sparegrid.virtualethernet.userspace.TcpConnection;

/// What a lease does with its guest. The lease's thread calls, if nothing else is said.
final class GuestWork {
    private static final System.Logger LOG = System.getLogger(GuestWork.class.getName());

    /// How long a guest that couldn't be parked stands still until the next try, in milliseconds:
    /// its disk is full, and its owner needs a while to find that out.
    private static final long PARK_AGAIN_MILLIS = 60_000;

    /// What is passed on of a console at one look, in bytes; four looks a second make 64 KiB/s.
    private static final int CONSOLE_BYTES_MAX = 16 * 1024;

    /// The least that a guest's processors can be limited to.
    private static final int STILL_PERCENT = 1;

    private final LeaseTools tools;
    private final LeaseOffered offer;
    private final long consoleBytesBefore;
    private final TrafficNews traffic = new TrafficNews();
    private Meter meter;
    private long meterDueMillis;
    private final DiscWork disc;
    private final VolumeWork volume;
    private int cpuPercentNow = -1;
    private long diskBytesNow = -1;
    private long parkAgainMillis;
    private @Nullable VmHandle handle;
    private volatile Overlay.@Nullable Plug plug;
    private volatile @Nullable ConsolePort console;

    GuestWork(LeaseTools tools, LeaseRecord lease) {
        this.tools = tools;
        this.offer = lease.offer();
        this.consoleBytesBefore = lease.consoleBytes();
        this.meter = Meter.from(lease.usage());
        this.disc = new DiscWork(tools, lease.offer());
        this.volume = new VolumeWork(tools.volumes(), lease.offer());
    }

    /// Where the guest's disc comes from.
    DiscWork disc() {
        return disc;
    }

    /// Whether it still switches itself off, as it was told at the first call, after `first`.
    boolean isGoingDown(Hold hold, VolumeWork.Step first) throws IOException {
        return handle != null && volume.isGoingDown(handle, hold, first);
    }

    /// Makes the guest, halted, unless that is done, and asks its buyer for trust if he wants to
    /// give or refuse it.
    ///
    /// @return nothing while he has not decided, or its volume's key has not come
    Optional<ProcessId> launch(LeaseRecord lease) throws IOException {
        VmHandle made = handle;
        if (made == null) {
            if (volume.awaitsKey(lease.state().deadlineMillis())) {
                return Optional.empty();
            }
            make(lease);
            made = Objects.requireNonNull(handle);
            if (offer.trust() > 0) {
                tools.trust().ready(offer.lease());
            }
        }
        if (offer.trust() == 0 || admission().isPresent()) {
            return Optional.of(made.process());
        }
        if (!made.isAlive()) {
            throw new IOException("the guest died before its buyer trusted it");
        }
        if (Kernel.bootMillis() > lease.state().deadlineMillis()) {
            throw new IOException("the buyer did not say in time whether he trusts the machine");
        }
        return Optional.empty();
    }

    /// The members that a machine may talk with whose buyer decides that.
    private Optional<Map<PublicKey, PresharedKey>> admission() throws IOException {
        return offer.trust() > 0
                        && tools.trust().standing(offer.lease())
                                instanceof Standing.Admitted(Map<PublicKey, PresharedKey> peers)
                ? Optional.of(peers)
                : Optional.empty();
    }

    /// Takes what the buyer says about trust. Any thread.
    void asked(LeaseRecord lease, TrustQuestion question) {
        byte[] key = Overlay.keys(lease.privateKey()).publicKey().bytes();
        tools.trust().asked(offer, key, question, this::admitted);
    }

    /// Takes the members that the machine may talk with from now on.
    private void admitted(Standing.Admitted now) {
        Overlay.Plug joined = plug;
        if (joined != null) {
            joined.attachment().admit(now.peers());
        }
    }

    /// Makes the guest, halted, and checks how it is locked up.
    private void make(LeaseRecord lease) throws IOException {
        NetworkChanged network = lease.network().getFirst();
        NetworkMember self = lease.self();
        MachineContext context =
                new MachineContext(
                        offer.hostName(),
                        offer.network(),
                        offer.rank(),
                        offer.machines(),
                        offer.authorizedKeys());
        VmHandle made =
                tools.hypervisor()
                        .launch(
                                new VmSpec(
                                        offer.lease().value(),
                                        offer.size(),
                                        tools.acceleration(),
                                        List.of(disc.forGuest()),
                                        self.mac(),
                                        network.network().mtu(),
                                        List.of(context.oemString()),
                                        volume.disks(),
                                        tools.card().get(),
                                        disc.firmware()));
        handle = confined(made);
    }

    private VmHandle confined(VmHandle made) throws IOException {
        Confinement confinement = tools.hypervisor().inspect(made);
        if (!confinement.holds()) {
            made.remove();
            throw new IOException(
                    "the guest would not be confined: " + String.join("; ", confinement.faults()));
        }
        return made;
    }

    /// Connects a guest that was made, and lets it run.
    void begin(LeaseRecord lease) throws IOException {
        connect(lease);
        VmHandle made = handle;
        if (made != null) {
            made.resume();
        }
    }

    /// Finds the guest again after a restart of this program and takes it up.
    ///
    /// @return false if it is gone
    boolean find(LeaseRecord lease) throws IOException {
        if (!lease.bootId().equals(Kernel.bootId()) || !lease.process().isAlive()) {
            return false;
        }
        Optional<VmHandle> found = tools.hypervisor().find(lease.id().value());
        if (found.isEmpty() || !found.get().process().equals(lease.process())) {
            return false;
        }
        Confinement confinement = tools.hypervisor().inspect(found.get());
        if (!confinement.holds()) {
            return false;
        }
        disc.resume(lease.imageDigest());
        handle = found.get();
        connect(lease);
        return true;
    }

    /// Whether the guest lies on the disk.
    boolean isParked(LeaseRecord lease) throws IOException {
        Optional<VmHandle> known = tools.hypervisor().find(lease.id().value());
        return known.isPresent() && known.get().isParked();
    }

    /// Whether the guest's processors stand still.
    boolean isSuspended() throws IOException {
        VmHandle running = handle;
        return running != null && running.isSuspended();
    }

    /// Lets the guest run with part of its processors' time, 0 to 100.
    void slow(int cpuPercent) throws IOException {
        VmHandle running = handle;
        if (running == null) {
            throw new IOException("there is no guest to slow down");
        }
        // QEMU answers no order to stop before its reads have come, and would hold up the orders
        // to all others. Such a guest waits anyway; it is stopped as soon as it doesn't.
        int percent = cpuPercent == 0 && disc.isAwaited() ? STILL_PERCENT : cpuPercent;
        if (cpuPercent > 0) {
            running.resume();
        }
        if (percent == 0) {
            running.suspend();
        } else {
            running.limitProcessors(percent);
        }
        slowed(percent);
    }

    /// What this program does for the guest's card is held to a part of what the guest may take.
    private void slowed(int cpuPercent) {
        cpuPercentNow = cpuPercent;
        Overlay.Plug joined = plug;
        if (joined != null) {
            joined.limitProcessors(offer.size().cpus(), cpuPercent < 0 ? 100 : cpuPercent);
        }
    }

    /// Lets the guest read and write so many bytes a second, 0 for no limit.
    void limitDisks(long bytesPerSecond) throws IOException {
        VmHandle running = handle;
        if (running != null && bytesPerSecond != diskBytesNow) {
            running.limitDisks(bytesPerSecond);
            diskBytesNow = bytesPerSecond;
        }
    }

    /// How much of its processors' time it was allowed last, or -1 if that isn't known.
    int cpuPercent() {
        return cpuPercentNow;
    }

    /// Whether it is to go to the disk now: not just after that failed, and never what it holds of
    /// its volume in the clear.
    boolean mayPark(Hold wanted) {
        return wanted.state() == RunState.PARKED
                && !volume.isWanted()
                && Kernel.bootMillis() >= parkAgainMillis;
    }

    /// Saves the guest, which stands still, to the disk and lets go of it. If that fails it goes on
    /// standing still.
    LeaseState.Event park() throws IOException {
        VmHandle running = handle;
        if (running != null && !parked(running)) {
            parkAgainMillis = Kernel.bootMillis() + PARK_AGAIN_MILLIS;
            return new LeaseState.Event.Ticked();
        }
        handle = null;
        leave();
        return new LeaseState.Event.Parked();
    }

    private boolean parked(VmHandle running) throws IOException {
        try {
            running.park();
            return true;
        } catch (IOException failed) {
            LOG.log(
                    System.Logger.Level.WARNING,
                    () -> "guest not parked lease=" + offer.lease() + " cause=" + failed);
            // libvirt may have done it and died before it said so.
            return running.isParked();
        }
    }

    /// Stops the guest so that it can be saved; [#slow] lets it go on.
    ///
    /// @return false if that can't be done now
    boolean standStill() throws IOException {
        VmHandle running = handle;
        if (running == null || disc.isAwaited()) {
            return false;
        }
        running.suspend();
        slowed(0);
        return true;
    }

    /// Writes all of the guest, which stands still.
    void save(OutputStream out) throws IOException {
        VmHandle running = handle;
        if (running == null) {
            throw new IOException("there is no guest to save");
        }
        running.save(out);
    }

    /// Whether the guest can only be had from its checkpoint.
    private boolean isLost(LeaseRecord lease) throws IOException {
        Optional<VmHandle> known = tools.hypervisor().find(lease.id().value());
        return known.isEmpty() || !(known.get().isAlive() || known.get().isParked());
    }

    /// Brings a guest back, standing still, and returns its new process.
    ///
    /// @param saves where from, if it isn't parked
    /// @return nothing while its checkpoint's key isn't known
    Optional<ProcessId> unpark(LeaseRecord lease, CheckpointWork saves) throws IOException {
        boolean fromCheckpoint = saves.mayRestore() && isLost(lease);
        if (fromCheckpoint && !saves.hasKey()) {
            return Optional.empty();
        }
        // Its QEMU dials the disc's server at once.
        disc.resume(lease.imageDigest());
        String name = lease.id().value();
        VmHandle back =
                fromCheckpoint
                        ? saves.restore(in -> tools.hypervisor().restore(name, in))
                        : tools.hypervisor().unpark(name);
        handle = confined(back);
        connect(lease);
        return Optional.of(back.process());
    }

    /// How the guest ended that is not alive any more.
    private VmEnd howItEnded(LeaseRecord lease) throws IOException {
        if (!lease.bootId().equals(Kernel.bootId())) {
            return VmEnd.GONE;
        }
        Optional<VmHandle> known = tools.hypervisor().find(lease.id().value());
        return known.isEmpty() ? VmEnd.DIED : known.get().end();
    }

    /// What happens to a lease whose guest is gone: it comes back from its checkpoint if it has one
    /// and didn't end by itself.
    LeaseState.Event whatFollows(LeaseRecord was, CheckpointWork saves) throws IOException {
        VmEnd how = howItEnded(was);
        boolean failed = how == VmEnd.DIED || how == VmEnd.GONE;
        if (failed && was.state().stage() == Stage.ON_NETWORK && saves.mayRestore()) {
            leave();
            return new LeaseState.Event.FoundParked(was.usage().runMillis());
        }
        return new LeaseState.Event.GuestGone(how);
    }

    boolean isAlive() throws IOException {
        VmHandle running = handle;
        return running != null && running.isAlive();
    }

    boolean hasSpoken() {
        ConsolePort open = console;
        return open != null && open.writtenBytes() > 0;
    }

    /// What is wrong with how often the guest started, if anything is.
    Optional<String> startsTooOften() {
        ConsolePort open = console;
        return open == null ? Optional.empty() : open.startsTooOften();
    }

    boolean hasAddress() {
        Overlay.Plug joined = plug;
        return joined != null && joined.attachment().addressAssignedAt().isPresent();
    }

    long consoleBytes() {
        ConsolePort open = console;
        return open == null ? consoleBytesBefore : open.writtenBytes();
    }

    /// Passes on what the guest wrote. Any thread.
    void sendConsole() {
        ConsolePort open = console;
        if (open != null) {
            ConsolePort.Part part = open.take(CONSOLE_BYTES_MAX);
            if (part.bytes().length() > 0) {
                tools.outbox()
                        .send(
                                new AgentMessage.ConsoleOutput(
                                        offer.lease(), part.offset(), part.bytes()));
            }
        }
    }

    /// Sends keys to the guest. Any thread.
    void type(Blob keys) throws IOException {
        ConsolePort open = console;
        if (open != null) {
            open.write(keys.toBytes());
        }
    }

    /// Takes a newer network. Any thread.
    void networkChanged(NetworkView view) throws IOException {
        Overlay.Plug joined = plug;
        if (joined != null) {
            joined.attachment().update(Overlay.map(view));
        }
    }

    boolean isMeterDue() {
        long now = Kernel.bootMillis();
        if (now < meterDueMillis) {
            return false;
        }
        meterDueMillis = now + tools.meterMillis();
        return true;
    }

    Usage readMeter(LeaseRecord lease) throws IOException {
        LeaseState state = lease.state();
        VmHandle running = handle;
        Overlay.Plug joined = plug;
        if (running != null && joined != null && !volume.wasAsked()) {
            meter =
                    meter.read(
                            state.paidMillis(Kernel.bootMillis()),
                            state.cpuBaseNanos() + running.cpuNanos(),
                            joined.attachment().counters());
            traffic.tell(lease.id(), lease.network(), meter, tools.outbox());
        }
        return meter.last();
    }

    /// Connects to a TCP port of the guest. Any thread.
    TcpConnection connect(int port, Duration timeout) throws IOException {
        Overlay.Plug joined = plug;
        if (joined == null) {
            throw new IOException("the machine is not on its network now");
        }
        return joined.port().connect(port, timeout);
    }

    /// The guest's place on its network, while it has one. Any thread.
    Optional<Attachment> attachment() {
        return Optional.ofNullable(plug).map(Overlay.Plug::attachment);
    }

    /// Ends the guest and removes everything of it. Again and again if need be.
    void remove(String name) throws IOException {
        leave();
        tools.hypervisor().purge(name);
        handle = null;
        disc.release();
        volume.forgetKey();
        tools.trust().ended(offer.lease());
    }

    /// Lets go of the guest.
    void leave() {
        Overlay.Plug joined = plug;
        plug = null;
        if (joined != null) {
            joined.attachment().close();
        }
        ConsolePort open = console;
        console = null;
        if (open != null) {
            open.close();
        }
    }

    private void connect(LeaseRecord lease) throws IOException {
        VmHandle made = Objects.requireNonNull(handle, "there is no guest to connect");
        leave();
        diskBytesNow = -1;
        // The new attachment counts from zero.
        meter = Meter.from(meter.last());
        console = ConsolePort.open(made.serialSocket(), lease.consoleBytes());
        plug =
                tools.overlay()
                        .attach(
                                Overlay.keys(lease.privateKey()),
                                made.card(),
                                lease.network().getFirst().network(),
                                offer.trust() > 0
                                        ? Optional.of(admission().orElse(Map.of()))
                                        : Optional.empty());
        slowed(cpuPercentNow);
        // The buyer may have changed his mind while nobody was there to be told.
        admission().ifPresent(peers -> admitted(new Standing.Admitted(peers)));
    }
}
