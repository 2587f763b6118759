// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.hypervisor.libvirt;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.libvirt.Domain;
import org.libvirt.DomainInfo;
import org.libvirt.LibvirtException;
import org.sparegrid.agent.hypervisor.Confinement;
import org.sparegrid.agent.hypervisor.DomainXml;
import org.sparegrid.agent.hypervisor.GuestCard;
import org.sparegrid.agent.hypervisor.Hypervisor;
import org.sparegrid.agent.hypervisor.VmHandle;
import org.sparegrid.agent.hypervisor.VmPaths;
import org.sparegrid.agent.hypervisor.VmSpec;
import org.sparegrid.agent.limit.ControlGroups;
import org.sparegrid.agent.process.AtomicFile;
import org.sparegrid.agent.process.BoundedLog;
import org.sparegrid.agent.process.ProcessId;

/// Guests through a libvirtd of our own, which runs in a sandbox as an ordinary user.
///
/// Any thread may call; one call runs at a time, but what concerns a running guest never waits for
/// another guest's start.
public final class LibvirtHypervisor implements Hypervisor {
    private static final int START_PAUSED = 1;

    /// Also the managed save image, snapshots' metadata and the NVRAM, should there ever be any.
    private static final int UNDEFINE_ALL = 1 | 2 | 4;

    private static final long POLL_MILLIS = 50;

    private final Layout layout;
    private final LibvirtDaemon daemon;
    private final LibvirtConnection connection;

    /// For calls that must not wait: the owner touched a key.
    private final LibvirtConnection urgent;

    private final Object urgentLock = new Object();
    private final GuestCaps caps;

    /// Uses the programs given; nothing is started yet.
    ///
    /// @param kvm whether guests may use `/dev/kvm`
    public LibvirtHypervisor(Layout layout, Path bubblewrap, Path libvirtd, boolean kvm) {
        this.layout = layout;
        this.daemon = new LibvirtDaemon(new Sandbox(layout, bubblewrap, libvirtd, kvm));
        this.connection = new LibvirtConnection(daemon, layout);
        this.urgent = new LibvirtConnection(daemon, layout);
        this.caps = new GuestCaps(ControlGroups.find(tag(layout)));
    }

    @Override
    public synchronized VmHandle launch(VmSpec spec) throws IOException {
        AtomicFile.privateFolder(layout.sockets().resolve(spec.name()));
        AtomicFile.privateFolder(layout.disks().resolve(spec.name()));
        try {
            ScratchDisk.make(paths(spec.name()).scratch(), spec.size().diskMebibytes());
            String xml = DomainXml.render(spec, paths(spec.name()));
            VmHandle[] made = new VmHandle[1];
            StateStream.Step start = () -> made[0] = create(spec.name(), xml);
            VolumeDisk.with(
                    spec, paths(spec.name()), () -> starting(spec.card(), spec.name(), start));
            return made[0];
        } catch (IOException failed) {
            String words = LibvirtDaemon.lastWords(layout.emulatorLog(spec.name()));
            purge(spec.name());
            throw new IOException(failed.getMessage() + "; QEMU said: " + words, failed);
        }
    }

    /// Defines the guest and starts its QEMU; a card by vhost-user must be answered meanwhile.
    VmHandle create(String name, String xml) throws IOException {
        return connection.call(
                "starting guest " + name,
                open -> {
                    Domain domain = open.domainDefineXML(xml);
                    try {
                        if (domain.isActive() == 0) {
                            domain.create(START_PAUSED);
                        }
                        return held(domain);
                    } finally {
                        domain.free();
                    }
                });
    }

    @Override
    public synchronized Optional<VmHandle> find(String name) throws IOException {
        if (!names().contains(name)) {
            return Optional.empty();
        }
        ProcessId process = process(name);
        if (process.isAlive()) {
            // An agent that died may have left it stopped.
            caps.release(name, process);
            withDomain("taking up guest " + name, name, this::held);
        }
        return Optional.of(handle(name));
    }

    @Override
    public synchronized List<String> names() throws IOException {
        return connection.call(
                "listing the guests",
                open -> {
                    List<String> names = new ArrayList<>();
                    for (Domain domain : open.listAllDomains(0)) {
                        names.add(domain.getName());
                        domain.free();
                    }
                    return names;
                });
    }

    @Override
    public synchronized void purge(String name) throws IOException {
        ProcessId process = process(name);
        caps.release(name, process);
        connection.call(
                "removing guest " + name,
                open -> {
                    for (Domain domain : open.listAllDomains(0)) {
                        try {
                            if (domain.getName().equals(name)) {
                                remove(domain, process);
                            }
                        } finally {
                            domain.free();
                        }
                    }
                    return true;
                });
        process.kill();
        for (Path left : List.of(layout.sockets().resolve(name), layout.disks().resolve(name))) {
            AtomicFile.deleteTree(left);
        }
        layout.parked(name).delete();
        layout.deleteLogs(name);
        caps.end(name);
    }

    @Override
    public synchronized Confinement inspect(VmHandle vm) throws IOException {
        ProcessId libvirtd =
                daemon.process().orElseThrow(() -> new IOException("libvirtd is not running"));
        // libvirtd needs system calls that no filter of ours could refuse; QEMU has libvirt's.
        return Confinement.of("libvirtd", libvirtd, false)
                .and(Confinement.of("QEMU", vm.process(), true));
    }

    @Override
    public synchronized String description() throws IOException {
        return connection.call(
                "asking libvirt for its version",
                open ->
                        "libvirt "
                                + version(open.getLibVersion())
                                + ", QEMU "
                                + version(open.getVersion()));
    }

    @Override
    public List<String> caps() {
        return caps.report();
    }

    @Override
    public synchronized void ensureRunning() throws IOException {
        connection.call("looking for libvirtd", open -> open.isAlive());
    }

    @Override
    public synchronized void shutDown() throws IOException {
        if (daemon.process().isEmpty()) {
            return;
        }
        if (!names().isEmpty()) {
            throw new IOException("libvirtd can't be stopped: there are guests");
        }
        close();
        daemon.stop();
        caps.endAll();
        AtomicFile.deleteTree(layout.state());
        AtomicFile.deleteTree(layout.kept());
        AtomicFile.deleteTree(layout.sockets());
        AtomicFile.deleteTree(layout.disks());
    }

    @Override
    public synchronized void close() {
        caps.close();
        connection.close();
        synchronized (urgentLock) {
            urgent.close();
        }
    }

    @Override
    public synchronized VmHandle unpark(String name) throws IOException {
        AtomicFile.privateFolder(layout.sockets().resolve(name));
        VmHandle[] back = new VmHandle[1];
        starting(card(name), name, () -> back[0] = bringBack(name));
        return back[0];
    }

    /// Starts the QEMU of a parked guest; a card by vhost-user must be answered meanwhile.
    VmHandle bringBack(String name) throws IOException {
        return connection.call(
                "bringing guest " + name + " back from the disk",
                open -> {
                    Domain domain = open.domainLookupByName(name);
                    try {
                        if (domain.isActive() == 0) {
                            // libvirt would boot the guest anew if its file were cut off.
                            if (!layout.parked(name).isWhole()) {
                                throw new IOException("guest " + name + " is not on the disk");
                            }
                            domain.create(START_PAUSED);
                        }
                        NativeDomain.awaitStarted(open, name);
                        return held(domain);
                    } finally {
                        domain.free();
                    }
                });
    }

    /// Does `start`, which starts the guest's QEMU, and answers its card meanwhile.
    private void starting(GuestCard card, String name, StateStream.Step start) throws IOException {
        CardStart.during(card, paths(name).network(), () -> process(name), start);
    }

    /// What the guest's network card is.
    GuestCard card(String name) throws IOException {
        GuestCard[] card = new GuestCard[1];
        withDomain(
                "looking at the card of guest " + name,
                name,
                domain -> card[0] = GuestCard.of(domain.getXMLDesc(0)));
        return card[0];
    }

    @Override
    public synchronized VmHandle restore(String name, InputStream in) throws IOException {
        Path sockets = AtomicFile.privateFolder(layout.sockets().resolve(name));
        AtomicFile.privateFolder(layout.disks().resolve(name));
        Path pipe = sockets.resolve("p");
        awaitEnd(name);
        String xml = SavedGuest.readHead(in, paths(name).scratch());
        String what = "restoring guest " + name;
        StateStream.Step read =
                () ->
                        connection.call(
                                what,
                                open -> {
                                    open.domainDefineXML(xml).free();
                                    open.restore(pipe.toString());
                                    return true;
                                });
        starting(
                GuestCard.of(xml),
                name,
                () -> StateStream.send(pipe, SavedGuest.libvirtHead(xml), in, read));
        withDomain(what, name, this::held);
        return handle(name);
    }

    /// Waits until libvirt has noticed that the guest's QEMU is dead, too.
    private void awaitEnd(String name) throws IOException {
        boolean[] active = {names().contains(name)};
        for (long waited = 0; active[0]; waited += POLL_MILLIS) {
            withDomain(
                    "looking for the end of guest " + name,
                    name,
                    domain -> active[0] = domain.isActive() == 1);
            if (active[0] && waited >= LibvirtVm.NOTICE_MILLIS_MAX) {
                throw new IOException("guest " + name + " can't be restored: it still runs");
            }
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(active[0] ? POLL_MILLIS : 0));
        }
    }

    /// Writes the state of a suspended guest, which stays as it is.
    void save(String name, OutputStream out) throws IOException {
        String what = "saving guest " + name;
        String[] xml = new String[1];
        caps.release(name, process(name));
        withDomain(what, name, domain -> xml[0] = LiveState.definition(domain));
        SavedGuest.writeHead(out, xml[0], paths(name).scratch());
        Path socket = layout.sockets().resolve(name).resolve("c");
        try {
            StateStream.receive(
                    socket,
                    () ->
                            withDomain(
                                    what,
                                    name,
                                    domain -> LiveState.begin(domain, socket.toString())),
                    out);
            withDomain(what, name, LiveState::awaitSent);
        } catch (IOException failed) {
            try {
                withDomain(what, name, LiveState::cancel);
            } catch (IOException gone) {
                failed.addSuppressed(gone);
            }
            throw failed;
        }
    }

    /// Limits all disks of a guest together to so many bytes a second; 0 for no limit.
    void limitDisks(String name, long bytesPerSecond) throws IOException {
        synchronized (urgentLock) {
            urgent.call(
                    "limiting the disks of guest " + name,
                    open -> {
                        Domain domain = open.domainLookupByName(name);
                        try {
                            String xml = domain.getXMLDesc(0);
                            for (String disk : BlockLimit.disks(xml)) {
                                BlockLimit.set(open, name, disk, bytesPerSecond);
                            }
                            VolumeDisk.limit(domain, xml, name, bytesPerSecond);
                            return true;
                        } finally {
                            domain.free();
                        }
                    });
        }
    }

    /// Limits a guest's processors to so many percent of their time.
    void limitProcessors(String name, int percent) throws IOException {
        int[] processors = new int[1];
        withDomain(
                "counting the processors of guest " + name,
                name,
                domain -> processors[0] = domain.getInfo().nrVirtCpu);
        caps.limit(name, process(name), processors[0], percent);
    }

    /// libvirt's view of a guest, at one moment.
    NativeDomain.State state(String name) throws IOException {
        synchronized (urgentLock) {
            return urgent.call(
                    "asking for the state of guest " + name,
                    open -> NativeDomain.state(open, name));
        }
    }

    void resume(String name) throws IOException {
        withDomain(
                "starting the processors of guest " + name,
                name,
                domain -> {
                    // libvirt refuses to start what runs already.
                    if (domain.getInfo().state != DomainInfo.DomainState.VIR_DOMAIN_RUNNING) {
                        domain.resume();
                    }
                });
    }

    void suspend(String name) throws IOException {
        // A stopped QEMU could not obey.
        caps.release(name, process(name));
        withDomain(
                "stopping the processors of guest " + name,
                name,
                domain -> {
                    if (domain.getInfo().state == DomainInfo.DomainState.VIR_DOMAIN_RUNNING) {
                        domain.suspend();
                    }
                });
    }

    void powerDown(String name) throws IOException {
        caps.release(name, process(name));
        withDomain("switching off guest " + name, name, Domain::shutdown);
    }

    void park(String name) throws IOException {
        caps.release(name, process(name));
        withDomain(
                "saving guest " + name + " to the disk",
                name,
                domain -> {
                    layout.parked(name).requireRoom(domain.getInfo().maxMem << 10);
                    domain.managedSave();
                });
        layout.parked(name).sync();
    }

    boolean isParked(String name) throws IOException {
        boolean[] parked = new boolean[1];
        withDomain(
                "looking for the saved guest " + name,
                name,
                domain -> parked[0] = domain.isActive() == 0 && layout.parked(name).isWhole());
        return parked[0];
    }

    long cpuNanos(String name) throws IOException {
        // As long as guests run they are metered, so that this is the place to look.
        BoundedLog.bound(layout.emulatorLog(name));
        BoundedLog.bound(layout.log());
        long[] nanos = new long[1];
        withDomain(
                "reading the meter of guest " + name,
                name,
                domain -> nanos[0] = domain.getInfo().cpuTime);
        return nanos[0];
    }

    Optional<ProcessId> daemonProcess() throws IOException {
        return daemon.process();
    }

    ProcessId process(String name) throws IOException {
        Path file = layout.emulatorPid(name);
        if (!Files.exists(file)) {
            return ProcessId.NONE;
        }
        String pid = Files.readString(file).strip();
        return pid.matches("[0-9]{1,9}")
                ? ProcessId.of(Long.parseLong(pid)).orElse(ProcessId.NONE)
                : ProcessId.NONE;
    }

    private interface DomainCall {
        void apply(Domain domain) throws LibvirtException, IOException;
    }

    private void withDomain(String what, String name, DomainCall call) throws IOException {
        synchronized (urgentLock) {
            urgent.call(
                    what,
                    open -> {
                        Domain domain = open.domainLookupByName(name);
                        try {
                            call.apply(domain);
                            return true;
                        } finally {
                            domain.free();
                        }
                    });
        }
    }

    /// A guest that has a QEMU, held to what it may take.
    private LibvirtVm held(Domain domain) throws LibvirtException, IOException {
        String name = domain.getName();
        DomainInfo info = domain.getInfo();
        caps.begin(name, process(name), info.nrVirtCpu, info.maxMem);
        return handle(name);
    }

    private LibvirtVm handle(String name) throws IOException {
        return new LibvirtVm(this, name, process(name), paths(name));
    }

    private VmPaths paths(String name) {
        return VmPaths.in(layout.sockets().resolve(name), layout.disks().resolve(name));
    }

    private static void remove(Domain domain, ProcessId process)
            throws LibvirtException, IOException {
        if (domain.isActive() == 1) {
            try {
                domain.destroy();
            } catch (LibvirtException stuck) {
                process.kill();
                if (domain.isActive() == 1) {
                    throw stuck;
                }
            }
        }
        domain.undefine(UNDEFINE_ALL);
    }

    /// Tells this agent's control groups from another's.
    private static String tag(Layout layout) {
        return Integer.toUnsignedString(layout.state().toString().hashCode(), 36);
    }

    private static String version(long number) {
        return number / 1_000_000 + "." + number / 1000 % 1000 + "." + number % 1000;
    }
}
