// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.selling;

import java.io.IOException;
import java.time.Instant;
import java.time.InstantSource;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.sparegrid.agent.accel.Probe;
import org.sparegrid.agent.benchmark.CpuScore;
import org.sparegrid.agent.benchmark.Figures;
import org.sparegrid.agent.checkpoint.CheckpointStore;
import org.sparegrid.agent.config.Folders;
import org.sparegrid.agent.config.Settings;
import org.sparegrid.agent.control.AgentLink;
import org.sparegrid.agent.control.GuestStreams;
import org.sparegrid.agent.control.SessionListener;
import org.sparegrid.agent.hypervisor.Hypervisor;
import org.sparegrid.agent.identity.Identity;
import org.sparegrid.agent.image.CoordinatorImages;
import org.sparegrid.agent.image.ImageStore;
import org.sparegrid.agent.image.Sharing;
import org.sparegrid.agent.lease.Hold;
import org.sparegrid.agent.lease.LeaseDesk;
import org.sparegrid.agent.lease.LeaseJournal;
import org.sparegrid.agent.lease.LeaseRecord;
import org.sparegrid.agent.lease.LeaseTools;
import org.sparegrid.agent.lease.Stage;
import org.sparegrid.agent.neighbour.NeighbourDesk;
import org.sparegrid.agent.network.NetworkSurvey;
import org.sparegrid.agent.network.Overlay;
import org.sparegrid.agent.owner.Governor;
import org.sparegrid.agent.owner.Verdict;
import org.sparegrid.agent.page.OwnerPage;
import org.sparegrid.agent.process.AtomicFile;
import org.sparegrid.agent.process.Kernel;
import org.sparegrid.agent.release.InstalledProgram;
import org.sparegrid.agent.selftest.CardTrial;
import org.sparegrid.agent.selftest.SelfTest;
import org.sparegrid.agent.status.OwnerCommand;
import org.sparegrid.agent.status.StatusReport;
import org.sparegrid.agent.status.StatusSocket;
import org.sparegrid.agent.trust.TrustDesk;
import org.sparegrid.agent.volume.VolumeDesk;
import org.sparegrid.agent.volume.VolumeStore;
import org.sparegrid.protocol.control.AgentMessage;
import org.sparegrid.protocol.control.CoordinatorMessage;
import org.sparegrid.protocol.market.Acceleration;
import org.sparegrid.protocol.market.Ask;

/// The agent from start to end.
public final class AgentRun implements SessionListener, AutoCloseable {
    private static final System.Logger LOG = System.getLogger(AgentRun.class.getName());

    /// The guest that tests the computer before it sells.
    private static final String TEST_NAME = "sg-self-test";

    /// How long the last words to the coordinator may take.
    private static final long FAREWELL_MILLIS_MAX = 3000;

    /// How long guests may take to be removed, or saved before all goes down.
    private static final long STOP_MILLIS_MAX = 60_000;

    private final Folders folders;
    private final Identity identity;
    private final AgentLock lock;
    private final Hypervisor hypervisor;
    private final Overlay overlay;
    private final ImageStore images;
    private final NeighbourDesk neighbours;
    private final CoordinatorImages source;
    private final AgentLink link;
    private final GuestStreams streams;
    private final TrustDesk trust;
    private final VolumeDesk volumes;
    private final LeaseDesk desk;
    private final OwnerWatch watch;
    private final int idleCpuPercent;
    private final int pagePort;
    private final Till till;
    private final Benchmarks benchmarks;
    private final BenchmarkProgram benchmarkProgram;
    private final Settings settings;
    private volatile Ask ask;
    private final Readiness readiness;
    private final String description;
    private final Runnable restart;
    private volatile boolean goingDown;
    private @Nullable StatusSocket status;
    private @Nullable OwnerPage page;

    private AgentRun(
            Folders folders, Settings settings, Identity identity, AgentLock lock, Runnable restart)
            throws IOException, InterruptedException {
        this.folders = folders;
        this.restart = restart;
        this.settings = settings;
        this.identity = identity;
        this.lock = lock;
        Probe.Outcome probe =
                new Probe(folders.data(), folders.runtime().resolve("p"))
                        .run(settings.acceleration());
        this.pagePort = settings.pagePort();
        this.till = till(folders, settings);
        this.benchmarkProgram =
                new BenchmarkProgram(folders.data(), folders.settings(), this::lineIsFree);
        this.benchmarks =
                new Benchmarks(
                        folders.data().resolve("benchmark.json"),
                        settings.owner().benchmarkInterval(),
                        InstantSource.system(),
                        this::wouldDisturb,
                        benchmarkProgram);
        this.ask = ask(settings, probe, benchmarks.offered());
        this.hypervisor = Hypervisors.find(folders, probe.acceleration());
        hypervisor.ensureRunning();
        this.description = hypervisor.description();
        this.readiness =
                new Readiness(
                        () -> selfTest(probe.acceleration()),
                        whyNot(settings, probe),
                        Thread::sleep);
        this.overlay = overlay(settings, identity);
        this.source = new CoordinatorImages(identity);
        this.link = new AgentLink(identity, settings.site().session());
        this.neighbours = neighbours(settings, link, overlay);
        this.images = images(folders, settings, neighbours);
        this.streams =
                new GuestStreams(identity.coordinator(), identity.tls(), link, link::whyPolling);
        this.idleCpuPercent = settings.owner().idle().cpuPercent();
        this.watch =
                new OwnerWatch(
                        settings.owner(),
                        OwnerEyes.open(System.getenv()),
                        folders.data().resolve("owner.json"),
                        InstantSource.system(),
                        this::guests);
        this.trust = trust(folders, settings, link);
        this.volumes = volumes(folders, settings, link);
        this.desk =
                new LeaseDesk(
                        new LeaseTools(
                                hypervisor,
                                images,
                                source,
                                overlay,
                                new LeaseJournal(folders.journal()),
                                link,
                                trust,
                                probe.acceleration(),
                                () -> readiness.test().card(),
                                settings.meterInterval().toMillis(),
                                new CheckpointStore(folders.checkpoints(), Kernel::bootMillis),
                                streams,
                                volumes),
                        identity.seller(),
                        ask,
                        whyNot().isEmpty(),
                        hold(Governor.FRESH.verdict()));
    }

    private static Till till(Folders folders, Settings settings) throws IOException {
        return new Till(
                folders.data().resolve("earnings.json"),
                settings.tariff(),
                settings.pricePerHour());
    }

    private static NeighbourDesk neighbours(Settings settings, AgentLink link, Overlay overlay) {
        return new NeighbourDesk(
                settings.sharing(),
                settings.site().pool(),
                link::send,
                overlay::maySend,
                System::nanoTime);
    }

    private static VolumeDesk volumes(Folders folders, Settings settings, AgentLink link)
            throws IOException {
        VolumeStore store =
                new VolumeStore(folders.volumes(), settings.volumes().offer().gibibytes());
        store.recover();
        return new VolumeDesk(store, link::send);
    }

    private SelfTest.Outcome selfTest(Acceleration acceleration) throws IOException {
        return new CardTrial(settings.guestCard(), folders.data(), InstantSource.system())
                .run(hypervisor, TEST_NAME, acceleration, folders.disks());
    }

    private static ImageStore images(Folders folders, Settings settings, Sharing sharing) {
        return new ImageStore(
                folders.images(),
                settings.imageCacheBytes(),
                folders.streams(),
                settings.streamImages(),
                sharing);
    }

    private static TrustDesk trust(Folders folders, Settings settings, AgentLink link)
            throws IOException {
        return TrustDesk.open(
                settings.trust().tpm(), settings.trust().bootLog(), folders.trust(), link::send);
    }

    private static Overlay overlay(Settings settings, Identity identity) throws IOException {
        Overlay opened = Overlay.open(settings.udpPort(), settings.endpoints());
        opened.relayOverTls(identity.coordinator(), identity.tls());
        opened.guessPorts(settings.site().portGuessing());
        if (settings.site().routerPort()) {
            opened.openRouterPort();
        }
        return opened;
    }

    /// Checks the computer, takes up the guests of an earlier run and begins to sell.
    ///
    /// @param restart gives this program's place to the version in use; returns at once
    /// @throws IOException if something is missing, or another agent runs here
    public static AgentRun start(Folders folders, Settings settings, Runnable restart)
            throws IOException, InterruptedException {
        Identity identity = Identity.load(folders.data());
        folders.create();
        AgentLock lock = AgentLock.forAgent(folders.data());
        AgentRun run = new AgentRun(folders, settings, identity, lock, restart);
        run.begin();
        return run;
    }

    /// What keeps this computer from selling, each with what to do.
    public List<String> whyNot() {
        return readiness.whyNot();
    }

    /// What it offers.
    public Ask ask() {
        return ask;
    }

    /// What it lacks of working: it is connected and has taken up the guests of an earlier run.
    public Optional<String> missing() {
        if (!link.isConnected()) {
            return Optional.of("it did not connect to the coordinator: " + link.state());
        }
        return desk.isTakenUp() ? Optional.empty() : Optional.of("it did not take up the guests");
    }

    @Override
    public AgentMessage.Inventory inventory() throws IOException {
        return desk.inventory();
    }

    @Override
    public void begun() {
        trust.introduce();
        neighbours.repeat();
        desk.repeatEnds();
    }

    @Override
    public void handle(CoordinatorMessage message) throws IOException {
        watch.hurry(); // it may bring a guest, which nobody who has just come shall notice
        desk.handle(message);
        watch.hurry();
    }

    /// Stops the guests too.
    public void stopGuests() throws IOException, InterruptedException {
        desk.stopAll("the seller stopped the agent", STOP_MILLIS_MAX);
    }

    /// Saves the guests to the disk, as nothing of theirs will be left otherwise. They go on after
    /// the next start.
    public void parkGuests(String why) throws InterruptedException {
        goingDown = true;
        watch.close();
        desk.parkAll(why, STOP_MILLIS_MAX);
    }

    /// How it stands, in one line.
    public String summary() {
        long guests =
                desk.leases().stream().filter(lease -> lease.state().stage().hasGuest()).count();
        String sells =
                !whyNot().isEmpty()
                        ? "not selling: " + String.join("; ", whyNot())
                        : desk.isSelling()
                                ? "selling " + ask.slots() + " slot(s) for " + ask.pricePerHour()
                                : "not selling now: " + watch.report().why();
        return sells + "; guests: " + guests + "; coordinator: " + link.state();
    }

    /// Ends this program's part; guests run on, and with no guest left nothing else stays.
    @Override
    public void close() throws IOException {
        try {
            StatusSocket open = status;
            if (open != null) {
                open.close();
            }
            OwnerPage served = page;
            if (served != null) {
                served.close();
            }
            benchmarks.stop();
            watch.close();
            readiness.stop();
            desk.leave();
            volumes.close();
            neighbours.close();
            images.leave();
            streams.close();
            link.close(FAREWELL_MILLIS_MAX);
            source.close();
            overlay.close();
            trust.close();
            if (desk.leases().stream().noneMatch(lease -> lease.state().stage().hasGuest())
                    && hypervisor.names().isEmpty()) {
                hypervisor.shutDown();
                AtomicFile.deleteTree(folders.runtime());
            }
            hypervisor.close();
        } catch (InterruptedException stop) {
            Thread.currentThread().interrupt();
        } finally {
            lock.close();
        }
    }

    private void begin() throws IOException {
        desk.hold(hold(watch.look()));
        desk.recover();
        watch.start(this::obey);
        page = OwnerPage.open(pagePort, this::answer);
        status =
                StatusSocket.open(
                        folders.controlSocket(),
                        this::answer,
                        new GuestNetworks(desk, () -> NetworkSurvey.of(identity, overlay)),
                        restart);
        link.start(this);
        readiness.repeat(() -> desk.sell(true));
        benchmarks.start(() -> ask = Traits.measured(ask, settings, benchmarks.offered()));
        LOG.log(
                System.Logger.Level.INFO,
                () -> "agent started seller=" + identity.seller() + " udpPort=" + overlay.port());
    }

    private void obey(Verdict verdict) {
        if (goingDown) {
            return;
        }
        overlay.limit(
                verdict.limits().receiveBitsPerSecond(), verdict.limits().sendBitsPerSecond());
        neighbours.allow(!verdict.state().standsStill());
        desk.hold(hold(verdict));
    }

    /// The buyer pays for what was offered: the processors' time that guests get when nobody is
    /// here.
    private Hold hold(Verdict verdict) {
        int cpuPercent = verdict.state().standsStill() ? 0 : verdict.cpuPercent();
        return new Hold(
                verdict.state(),
                cpuPercent,
                Math.min(100, cpuPercent * 100 / idleCpuPercent),
                verdict.limits().diskBytesPerSecond() / ask.slots(),
                "the seller needs the computer: " + verdict.why());
    }

    /// What a benchmark would disturb now.
    private Optional<String> wouldDisturb() {
        boolean guest =
                desk.leases().stream().anyMatch(lease -> lease.state().stage() != Stage.ENDED);
        return guest ? Optional.of("a guest is here") : watch.busy();
    }

    private boolean lineIsFree() {
        return watch.lineIsFree();
    }

    /// The benchmark counts as one: it is none of the owner's programs, and gives way as fast.
    private OwnerWatch.Guests guests() {
        List<Long> processes = new ArrayList<>(benchmarkProgram.processes());
        boolean coming = false;
        boolean present = false;
        long memoryMebibytes = 0;
        long movedBytes = neighbours.movedBytes();
        for (LeaseRecord lease : desk.leases()) {
            Stage stage = lease.state().stage();
            present |= stage != Stage.ENDED;
            coming |= stage.compareTo(Stage.BOOTING) < 0;
            if (stage.hasGuest()) {
                processes.add(lease.process().pid());
            }
            if (stage.hasGuest() || stage == Stage.PARKED) {
                memoryMebibytes += lease.offer().size().memoryMebibytes();
            }
            movedBytes += lease.usage().receivedBytes() + lease.usage().sentBytes();
        }
        LocalDateTime now = LocalDateTime.now(ZoneId.systemDefault());
        till.look(desk.leases(), now, System.nanoTime() / 1_000_000);
        desk.offer(Traits.priced(ask, till.ask(now)));
        return new OwnerWatch.Guests(processes, coming, present, memoryMebibytes, movedBytes);
    }

    private StatusReport answer(OwnerCommand command) {
        try {
            if (command instanceof OwnerCommand.DropVolume(var volume)) {
                desk.dropVolume(volume);
            }
            watch.obey(command);
        } catch (IOException unwritten) {
            throw new java.io.UncheckedIOException(unwritten);
        }
        return report();
    }

    private StatusReport report() {
        SelfTest.Outcome test = readiness.test();
        try {
            return new StatusReport(
                    identity.seller().value(),
                    identity.coordinator().toString(),
                    link.state(),
                    desk.isSelling(),
                    whyNot(),
                    watch.report(),
                    till.report(),
                    benchmarks.report(),
                    address(),
                    desk.ask(),
                    description,
                    test.confinement().holds(),
                    test.confinement().findings().stream()
                            .map(f -> (f.holds() ? "ok: " : "FAULT: ") + f.text())
                            .toList(),
                    test.checks().stream().map(SelfTest.Check::line).toList(),
                    hypervisor.caps(),
                    overlay.port(),
                    overlay.endpoints(),
                    overlay.routerPort(),
                    Machines.of(desk),
                    images.list().stream()
                            .map(kept ->
                                    new StatusReport.Image(
                                            kept.digest(), kept.bytes(), kept.used().toString()))
                            .toList(),
                    Machines.volumes(desk, volumes),
                    settings.volumes().offer().gibibytes(),
                    neighbours.report());
        } catch (IOException unreadable) {
            throw new java.io.UncheckedIOException(unreadable);
        }
    }

    private String address() {
        OwnerPage served = page;
        return served == null ? "" : served.address();
    }

    /// A computer that was never measured gets a quick score to begin with.
    private static Ask ask(Settings settings, Probe.Outcome probe, Optional<Figures> measured) {
        Ask first =
                new Ask(
                        settings.name(),
                        settings.slots(),
                        settings.size(),
                        settings.pricePerHour(),
                        probe.acceleration(),
                        probe.reason(),
                        measured.isPresent() ? 0 : Traits.score(CpuScore.measure(), settings),
                        InstalledProgram.version(),
                        Traits.of(settings, Instant.now(), ZoneId.systemDefault()));
        return Traits.measured(first, settings, measured);
    }

    /// What keeps this computer from selling, whatever its self-test says.
    private static List<String> whyNot(Settings settings, Probe.Outcome probe) {
        List<String> reasons = new ArrayList<>();
        if (!probe.works()) {
            reasons.add("guests can't run: " + probe.reason());
        } else if (probe.acceleration() == Acceleration.EMULATION && !settings.sellEmulated()) {
            reasons.add(
                    "guests would be emulated ("
                            + probe.reason()
                            + "); QEMU's developers do not treat faults of the emulator as"
                            + " security faults, so that your computer leans on the sandbox alone."
                            + " If you accept that, run: sparegrid-agent offer set"
                            + " sell-emulated=true");
        }
        return reasons;
    }
}
