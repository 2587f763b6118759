// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.lease;

import java.io.IOException;
import java.lang.System.Logger.Level;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import org.sparegrid.agent.hypervisor.VmEnd;
import org.sparegrid.agent.image.RejectedImageException;
import org.sparegrid.agent.lease.LeaseState.Event;
import org.sparegrid.agent.owner.RunState;
import org.sparegrid.agent.process.Kernel;
import org.sparegrid.agent.process.ProcessId;
import org.sparegrid.protocol.control.CoordinatorMessage.LeaseOffered;
import org.sparegrid.protocol.control.CoordinatorMessage.NetworkChanged;
import org.sparegrid.protocol.control.MachineReport;
import org.sparegrid.protocol.control.TrustQuestion;
import org.sparegrid.protocol.market.Checkpoints;
import org.sparegrid.protocol.market.EndReason;
import org.sparegrid.protocol.market.LeaseProgress;
import org.sparegrid.protocol.market.LeaseProgress.Phase;
import org.sparegrid.protocol.market.Usage;

/// One lease at work. A thread of its own does whatever waits for libvirt or the image; all other
/// threads only note what they want, in the journal first.
public final class LeaseRun {
    private static final System.Logger LOG = System.getLogger(LeaseRun.class.getName());

    /// How often a running guest is looked at, in milliseconds; what its console shows waits as
    /// long, and its death is seen within it.
    private static final long TICK_MILLIS = 250;

    /// How long to wait before doing again what failed, in milliseconds.
    private static final long RETRY_MILLIS = 2000;

    private final LeaseTools tools;
    private final Runnable over;
    private final Supplier<Set<String>> imagesInUse;
    private final GuestWork guest;
    private final CheckpointWork saves;
    private final ToldProgress progress;
    private final Thread thread;
    private final FetchGate fetching;
    private final Semaphore wake;

    private LeaseRecord lease;
    private volatile Hold hold;
    private boolean leaving;
    private volatile boolean takenUp;

    private LeaseRun(
            LeaseTools tools,
            LeaseRecord lease,
            Supplier<Set<String>> imagesInUse,
            Hold hold,
            Runnable over,
            Semaphore wake) {
        this.tools = tools;
        this.lease = lease;
        this.imagesInUse = imagesInUse;
        this.hold = hold;
        this.over = over;
        this.wake = wake;
        this.guest = new GuestWork(tools, lease);
        this.saves =
                new CheckpointWork(
                        tools.checkpoints(),
                        lease.offer(),
                        m -> LockSupport.parkNanos(m * 1_000_000));
        this.progress = new ToldProgress(tools.outbox(), lease);
        this.thread = Thread.ofPlatform().name("lease-" + lease.id()).unstarted(this::work);
        this.fetching = new FetchGate(thread);
    }

    /// Takes a lease: makes its key, writes it down and begins to work.
    ///
    /// @param imagesInUse the image files that all leases need
    /// @param over is called once the coordinator knows that it ended
    static LeaseRun accept(
            LeaseTools tools,
            LeaseOffered offer,
            Supplier<Set<String>> imagesInUse,
            Hold hold,
            Runnable over)
            throws IOException {
        LeaseRecord lease = LeaseRecord.of(offer);
        tools.journal().write(lease);
        LeaseRun run = new LeaseRun(tools, lease, imagesInUse, hold, over, new Semaphore(0));
        run.sendAccepted();
        run.thread.start();
        return run;
    }

    /// Goes on with a lease that an earlier run of this program wrote down; between two looks its
    /// thread waits at `wake`.
    static LeaseRun recover(
            LeaseTools tools,
            LeaseRecord lease,
            Supplier<Set<String>> imagesInUse,
            Hold hold,
            Runnable over,
            Semaphore wake) {
        LeaseRun run = new LeaseRun(tools, lease, imagesInUse, hold, over, wake);
        run.thread.start();
        return run;
    }

    /// The lease as it stands.
    public synchronized LeaseRecord lease() {
        return lease;
    }

    /// The machine itself.
    GuestWork guest() {
        return guest;
    }

    /// Whether a guest of an earlier run of this program was taken up, or found gone.
    boolean isTakenUp() {
        return takenUp;
    }

    /// What the coordinator is told of it when a session begins.
    synchronized MachineReport report() throws IOException {
        return lease.report(progress.told(), tools.overlay().endpoints());
    }

    /// Answers an offer of this very lease, which the coordinator repeats when in doubt.
    synchronized void sendAccepted() throws IOException {
        if (lease.state().stage() == Stage.ENDED) {
            sendEnded();
        } else {
            tools.outbox().send(lease.accepted(tools.overlay().endpoints()));
        }
    }

    /// Tells the coordinator of the end again, after a new session.
    synchronized void sendEnded() {
        if (lease.state().stage() == Stage.ENDED) {
            tools.outbox().send(lease.ended(), over);
        }
    }

    /// Takes a newer network.
    synchronized void networkChanged(NetworkChanged changed) throws IOException {
        if (lease.isOlderThan(changed) && !lease.state().stage().isOver()) {
            LeaseRecord next = lease.with(changed);
            tools.journal().write(next);
            lease = next;
            guest.networkChanged(changed.network());
            happened(new Event.NetworkKnown());
        }
    }

    /// Begins to end the lease.
    synchronized void stop(EndReason reason, String why) throws IOException {
        happened(new Event.StopAsked(reason, why));
    }

    /// Takes what the owner allows from now on. Any thread.
    void hold(Hold now) {
        hold = now;
        wake.release();
    }

    /// Takes what the buyer says about trust.
    void asked(TrustQuestion question) {
        guest.asked(lease(), question);
        wake.release();
    }

    /// Saves the guest now and then from now on. Any thread.
    void keepCheckpoints(Checkpoints wanted) {
        saves.want(wanted);
        wake.release();
    }

    /// Stops working; the guest runs on and is found again by [#recover].
    void leave() throws InterruptedException {
        synchronized (this) {
            leaving = true;
            fetching.interrupt();
            wake.release();
        }
        thread.join();
        guest.leave();
    }

    private void work() {
        try {
            recoverGuest();
            while (!isDone()) {
                try {
                    step();
                } catch (IOException | RuntimeException failed) {
                    LOG.log(
                            Level.WARNING,
                            () -> "lease trouble lease=" + lease().id() + " cause=" + failed);
                    pause(RETRY_MILLIS);
                }
            }
        } catch (InterruptedException broken) {
            LOG.log(Level.ERROR, () -> "lease given up lease=" + lease().id(), broken);
        }
    }

    private synchronized boolean isDone() {
        return leaving || lease.state().stage() == Stage.ENDED;
    }

    private void step() throws IOException, InterruptedException {
        switch (lease().state().stage()) {
            case ACCEPTED -> pause(TICK_MILLIS);
            case FETCHING -> fetch();
            case LAUNCHING -> {
                if (hold.state().standsStill()) {
                    obey();
                    pause(TICK_MILLIS);
                } else {
                    launch();
                }
            }
            case BOOTING, BOOTED, ON_NETWORK -> {
                obey();
                if (lease().state().stage().hasGuest()) {
                    watch();
                    checkpoint();
                    pause(TICK_MILLIS);
                }
            }
            case PARKED -> {
                obey();
                if (guest.isMeterDue()) {
                    tools.outbox().send(lease().metered());
                }
                pause(TICK_MILLIS);
            }
            case ENDING -> {
                if (!guest.isGoingDown(hold, this::readRunning)) {
                    end();
                }
                pause(TICK_MILLIS);
            }
            case ENDED -> {}
        }
    }

    /// After a restart of this program: finds out what became of the guest, once libvirt can tell.
    private void recoverGuest() throws InterruptedException {
        LeaseRecord found = lease();
        while (!isDone()) {
            try {
                takeUp(found);
                takenUp = true;
                return;
            } catch (IOException | RuntimeException notNow) {
                LOG.log(
                        Level.WARNING,
                        () -> "guest not found yet lease=" + found.id() + " cause=" + notNow);
                pause(RETRY_MILLIS);
            }
        }
    }

    private void takeUp(LeaseRecord found) throws IOException {
        if (found.state().stage() == Stage.LAUNCHING) {
            tools.hypervisor().purge(found.id().value());
            happened(new Event.LaunchLost());
        } else if (found.state().stage().hasGuest() || found.state().stage() == Stage.PARKED) {
            takeUpGuest(found);
        } else if (found.state().stage() == Stage.ENDED) {
            sendEnded();
        }
    }

    private void takeUpGuest(LeaseRecord found) throws IOException {
        if (found.state().stage() != Stage.PARKED && guest.find(found)) {
            if (guest.isSuspended() && found.state().pace().percent() > 0) {
                happened(new Event.FoundFrozen(found.usage().runMillis()));
            }
        } else if (guest.isParked(found)) {
            happened(new Event.FoundParked(found.usage().runMillis()));
        } else if (found.state().stage() == Stage.PARKED) {
            // We may have died just after it came back, standing still.
            unpark();
        } else {
            happened(guest.whatFollows(found, saves));
        }
    }

    /// Saves the guest if it is time. It stands still meanwhile, unpaid.
    private void checkpoint() throws IOException {
        LeaseState state = lease().state();
        if (state.stage() == Stage.ON_NETWORK
                && state.pace().percent() > 0
                && saves.isDue()
                && guest.standStill()) {
            happened(new Event.PaceSet(0));
            saves.take(this::leaveToSave, guest::save);
            obey();
        }
    }

    /// Whoever wants something else of the guest doesn't wait for its checkpoint.
    private long leaveToSave() throws IOException {
        Hold now = hold;
        if (now.state().standsStill()) {
            throw new IOException("the owner comes first: " + now.why());
        }
        if (isDone() || lease().state().stage().isOver()) {
            throw new IOException("the lease or the agent ends");
        }
        return now.diskBytesPerSecond();
    }

    /// Does to the guest what the owner allows.
    private void obey() throws IOException {
        Hold wanted = hold;
        Stage stage = lease().state().stage();
        if (wanted.state() == RunState.STOPPED) {
            happened(new Event.StopAsked(EndReason.SELLER, wanted.why()));
        } else {
            if (stage == Stage.PARKED && !wanted.state().standsStill()) {
                unpark();
            }
            slow(wanted);
            if (stage == Stage.ON_NETWORK && guest.mayPark(wanted)) {
                readMeter();
                happened(guest.park());
            }
        }
        progress.pace(lease().state());
    }

    /// What is less is done before it is written down, and what is more after: a fault in between
    /// costs the seller a moment, never the buyer.
    private void slow(Hold wanted) throws IOException {
        LeaseState state = lease().state();
        boolean same =
                state.pace().percent() == wanted.payPercent()
                        && guest.cpuPercent() == wanted.cpuPercent();
        if (state.stage().hasGuest()) {
            guest.limitDisks(wanted.diskBytesPerSecond());
            if (!same) {
                guest.slow(wanted.cpuPercent());
                happened(new Event.PaceSet(wanted.payPercent()));
            }
        }
    }

    private void unpark() throws IOException {
        LeaseRecord parked = lease();
        Optional<ProcessId> process;
        try {
            process = guest.unpark(parked, saves);
        } catch (IOException lost) {
            LOG.log(
                    Level.WARNING,
                    () -> "guest not brought back lease=" + parked.id() + " cause=" + lost);
            if (!guest.isParked(parked) && !saves.mayRestore()) {
                happened(new Event.GuestGone(VmEnd.DIED));
            }
            throw lost;
        }
        if (process.isPresent()) {
            synchronized (this) {
                lease = lease.with(process.get(), lease.imageDigest());
                happened(new Event.Unparked(parked.usage().cpuNanos()));
            }
        }
    }

    private void fetch() throws IOException, InterruptedException {
        LeaseRecord wanted = lease();
        fetching.open();
        try {
            String digest =
                    guest.disc()
                            .borrow(
                                    imagesInUse.get(),
                                    (done, total) ->
                                            progress.advance(
                                                    new LeaseProgress(
                                                            Phase.FETCHING, done, total)));
            synchronized (this) {
                lease = lease.with(ProcessId.NONE, digest);
                happened(new Event.ImageReady(wanted.offer().bootSecondsMax() * 1000));
            }
        } catch (InterruptedException stopped) {
            LOG.log(Level.DEBUG, () -> "fetch stopped lease=" + wanted.id());
        } catch (RejectedImageException bad) {
            happened(new Event.StartFailed(String.valueOf(bad.getMessage())));
        } finally {
            fetching.close();
        }
    }

    private void launch() throws IOException, InterruptedException {
        LeaseRecord wanted = lease();
        try {
            Optional<ProcessId> process = guest.launch(wanted);
            if (process.isEmpty()) {
                pause(TICK_MILLIS);
                return;
            }
            synchronized (this) {
                lease = lease.with(process.get(), lease.imageDigest());
                happened(new Event.Launched());
            }
            if (lease().state().stage() == Stage.BOOTING) {
                guest.begin(lease());
                progress.advance(new LeaseProgress(Phase.BOOTING, 0, 0));
            }
        } catch (IOException | IllegalArgumentException failed) {
            happened(new Event.StartFailed(String.valueOf(failed.getMessage())));
        }
    }

    private void watch() throws IOException {
        LeaseRecord before = lease();
        if (!guest.isAlive()) {
            happened(guest.whatFollows(before, saves));
            return;
        }
        happened(guest.disc().look(before.state(), Kernel.bootMillis()));
        guest.disc().progress(before.state()).ifPresent(progress::advance);
        guest.sendConsole();
        Optional<String> loop = guest.startsTooOften();
        if (loop.isPresent()) {
            happened(new Event.StartsTooOften(loop.get()));
        }
        if (guest.hasSpoken() && before.state().stage() == Stage.BOOTING) {
            happened(new Event.Spoke());
            progress.advance(new LeaseProgress(Phase.BOOTED, 0, 0));
        }
        if (guest.hasAddress() && before.state().stage() != Stage.ON_NETWORK) {
            happened(new Event.TookAddress());
            progress.advance(new LeaseProgress(Phase.ON_NETWORK, 0, 0));
        }
        happened(new Event.Ticked());
        if (lease().state().stage() == Stage.ON_NETWORK && guest.isMeterDue()) {
            readMeter();
            tools.outbox().send(lease().metered());
        }
    }

    private void readMeter() throws IOException {
        Usage usage = guest.readMeter(lease());
        synchronized (this) {
            LeaseRecord next = lease.with(usage, guest.consoleBytes());
            tools.journal().write(next);
            lease = next;
        }
    }

    private void readRunning() throws IOException {
        if (lease().state().runningSinceMillis() >= 0 && guest.isAlive()) {
            readMeter();
        }
    }

    private void end() throws IOException {
        readRunning();
        guest.sendConsole();
        guest.remove(lease().id().value());
        saves.remove();
        happened(new Event.Removed());
        sendEnded();
        LOG.log(Level.INFO, () -> "lease ended " + lease().end());
    }

    /// Moves the state machine; what it says is on the disk before anything follows from it.
    private synchronized void happened(Event event) throws IOException {
        LeaseState next = lease.state().after(event, Kernel.bootMillis());
        if (!next.equals(lease.state())) {
            LeaseRecord record = lease.with(next).inBoot(Kernel.bootId());
            tools.journal().write(record);
            lease = record;
            LOG.log(
                    Level.INFO,
                    () -> "lease changed lease=" + record.id() + " stage=" + next.stage());
            if (next.stage() == Stage.ENDING) {
                fetching.interrupt();
            }
            wake.release();
        }
    }

    private void pause(long millis) throws InterruptedException {
        if (wake.tryAcquire(millis, TimeUnit.MILLISECONDS)) {
            wake.drainPermits();
        }
    }
}
