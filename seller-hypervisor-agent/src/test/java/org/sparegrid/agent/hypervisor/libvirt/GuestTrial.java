// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.hypervisor.libvirt;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Objects;
import org.sparegrid.agent.hypervisor.Confinement;
import org.sparegrid.agent.hypervisor.Disc;
import org.sparegrid.agent.hypervisor.DomainXml;
import org.sparegrid.agent.hypervisor.GuestCard;
import org.sparegrid.agent.hypervisor.MachineContext;
import org.sparegrid.agent.hypervisor.VmHandle;
import org.sparegrid.agent.hypervisor.VmPaths;
import org.sparegrid.agent.hypervisor.VmSpec;
import org.sparegrid.agent.process.AtomicFile;
import org.sparegrid.agent.process.ProcessId;
import org.sparegrid.imagetools.iso.BootMode;
import org.sparegrid.protocol.market.Acceleration;
import org.sparegrid.protocol.market.MachineSize;

/// The part of [LibvirtHypervisorIT] that runs as an ordinary user, in a process of its own that
/// can be killed. Says what it sees, one fact a line.
final class GuestTrial {
    static final String NAME = "vm-aaaaaaaaaaaa";

    /// Less than a system that asks for an address has taken, and more than QEMU itself.
    private static final long COUNTED_BYTES_MIN = 150L << 20;

    private GuestTrial() {}

    /// `cut FOLDER` dies while a guest starts; `start FOLDER ISO CARD` boots a guest and dies like
    /// a killed program once the guest asks for an address; `again FOLDER` finds the guest and
    /// works it to its end; `alone FOLDER ISO` boots a guest and parks it while nobody is connected
    /// to its card by vhost-user, and dies in the middle of bringing it back; `back FOLDER` brings
    /// it back.
    public static void main(String[] arguments) throws Exception {
        Path folder = Path.of(arguments[1]);
        Layout layout =
                new Layout(
                        folder.resolve("v"),
                        folder.resolve("g"),
                        folder.resolve("l"),
                        folder.resolve("d"),
                        folder.resolve("i"),
                        folder.resolve("n"),
                        folder.resolve("log/libvirtd"));
        LibvirtHypervisor hypervisor =
                new LibvirtHypervisor(
                        layout, Path.of("/usr/bin/bwrap"), Path.of("/usr/sbin/libvirtd"), false);
        switch (arguments[0]) {
            case "cut" -> cut(hypervisor, layout);
            case "start" ->
                    start(hypervisor, Path.of(arguments[2]), GuestCard.valueOf(arguments[3]));
            case "alone" -> alone(hypervisor, Path.of(arguments[2]));
            case "back" -> back(hypervisor);
            default -> again(hypervisor);
        }
    }

    private static VmSpec spec(List<Disc> image, GuestCard card) {
        return new VmSpec(
                NAME,
                new MachineSize(1, 512, image.isEmpty() ? 0 : 64),
                Acceleration.EMULATION,
                image,
                "02:00:00:00:00:01",
                1370,
                List.of(new MachineContext("node1", "blue", 0, 1, List.of()).oemString()),
                List.of(),
                card,
                BootMode.BIOS);
    }

    /// Starts guests whose cards nobody answers: one whose socket can't be found, and then dies
    /// like a killed program in the middle of another's start.
    private static void cut(LibvirtHypervisor hypervisor, Layout layout) throws Exception {
        VmPaths paths = VmPaths.in(layout.sockets().resolve(NAME), layout.disks().resolve(NAME));
        hypervisor.ensureRunning();
        AtomicFile.privateFolder(layout.sockets().resolve(NAME));
        String xml = DomainXml.render(spec(List.of(), GuestCard.VHOST_USER), paths);
        try {
            CardStart.during(
                    GuestCard.VHOST_USER,
                    paths.network().resolveSibling("elsewhere"),
                    () -> hypervisor.process(NAME),
                    () -> hypervisor.create(NAME, xml),
                    2000);
        } catch (IOException refused) {
            say("unanswered " + refused.getMessage().contains("was not there after 2 s"));
        }
        say("left " + hypervisor.process(NAME).isAlive());
        Thread.ofPlatform().daemon().start(() -> create(hypervisor, xml));
        while (!hypervisor.process(NAME).isAlive()) {
            Thread.sleep(10);
        }
        Thread.sleep(1000);
        say("cut " + hypervisor.process(NAME).isAlive());
        Runtime.getRuntime().halt(9);
    }

    private static void create(LibvirtHypervisor hypervisor, String xml) {
        try {
            hypervisor.create(NAME, xml);
            say("started without its card");
        } catch (IOException failed) {
            say("ended before " + failed.getMessage());
        }
    }

    private static void start(LibvirtHypervisor hypervisor, Path iso, GuestCard kind)
            throws Exception {
        hypervisor.purge(NAME);
        say("before " + hypervisor.names());
        VmHandle vm = hypervisor.launch(spec(List.of(new Disc.File(iso)), kind));
        say("pid " + vm.process().pid());
        say("card " + hypervisor.card(NAME));
        Path sockets = Objects.requireNonNull(vm.serialSocket().getParent());
        say("sockets " + PosixFilePermissions.toString(Files.getPosixFilePermissions(sockets)));
        Confinement confinement = hypervisor.inspect(vm);
        confinement.findings().forEach(f -> say((f.holds() ? "holds " : "FAULT ") + f.text()));
        say("paused-cpu " + (vm.cpuNanos() < 2_000_000_000L));
        SocketChannel serial = dial(vm.serialSocket());
        TrialCard card = new TrialCard(vm);
        vm.resume();
        say("console " + (serial.read(ByteBuffer.allocate(100)) > 0));
        Thread.ofVirtual().start(() -> echo(serial));
        say("dhcp " + card.awaitDhcp());
        say("counted " + (MemoryWatch.residentBytes(vm.process()) > COUNTED_BYTES_MIN));
        say("cpu " + (vm.cpuNanos() > 0));
        Runtime.getRuntime().halt(9);
    }

    /// The driver starts the card while nobody is there, so that QEMU tells the next what it chose
    /// as if there were no virtio 1.
    private static void alone(LibvirtHypervisor hypervisor, Path iso) throws Exception {
        hypervisor.purge(NAME);
        VmHandle vm = hypervisor.launch(spec(List.of(new Disc.File(iso)), GuestCard.VHOST_USER));
        vm.resume();
        say("shell " + awaitShell(dial(vm.serialSocket())));
        sayPing(vm);
        sayPing(vm);
        vm.suspend();
        vm.park();
        say("parked " + vm.isParked() + " " + vm.isAlive());
        Thread.ofPlatform().daemon().start(() -> bringBack(hypervisor));
        while (!hypervisor.process(NAME).isAlive()) {
            Thread.sleep(10);
        }
        Thread.sleep(1000);
        say("cut " + hypervisor.process(NAME).isAlive());
        Runtime.getRuntime().halt(9);
    }

    private static void bringBack(LibvirtHypervisor hypervisor) {
        try {
            hypervisor.bringBack(NAME);
            say("came back without its card");
        } catch (IOException failed) {
            say("ended before " + failed.getMessage());
        }
    }

    /// Waits until the guest's system has started, cards and all; the test gives up if it doesn't.
    private static boolean awaitShell(SocketChannel serial) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocate(4096);
        StringBuilder text = new StringBuilder();
        while (!text.toString().contains("root@") && serial.read(buffer.clear()) > 0) {
            text.append(
                    new String(buffer.array(), 0, buffer.position(), StandardCharsets.ISO_8859_1));
            System.err.print(text.substring(text.length() - buffer.position()));
        }
        Thread.ofVirtual().start(() -> echo(serial));
        return text.toString().contains("root@");
    }

    private static void back(LibvirtHypervisor hypervisor) throws Exception {
        VmHandle found = hypervisor.find(NAME).orElseThrow();
        say("found " + found.isParked());
        VmHandle vm = hypervisor.unpark(NAME);
        say("back " + vm.isSuspended() + " " + vm.isAlive() + " " + vm.isParked());
        say("confined " + hypervisor.inspect(vm).holds());
        vm.resume();
        sayPing(vm);
        vm.remove();
        say("known " + hypervisor.names());
        hypervisor.shutDown();
        say("done");
    }

    private static void again(LibvirtHypervisor hypervisor) throws Exception {
        VmHandle vm = hypervisor.find(NAME).orElseThrow();
        say("pid " + vm.process().pid());
        sayPing(vm);
        long before = vm.cpuNanos();
        ProcessId daemon = daemon(hypervisor);
        daemon.kill();
        while (daemon.isAlive()) {
            Thread.sleep(10);
        }
        hypervisor.ensureRunning();
        say("daemon-new " + !daemon(hypervisor).equals(daemon));
        say("pid " + hypervisor.find(NAME).orElseThrow().process().pid());
        say("cpu-grows " + (vm.cpuNanos() >= before));
        say("confined " + hypervisor.inspect(vm).holds());
        sayPing(vm);
        vm = hold(hypervisor, vm);
        Path state = save(vm);
        vm.process().kill();
        while (vm.isAlive()) {
            Thread.sleep(10);
        }
        for (int i = 0; i < 100 && !vm.end().name().equals("DIED"); i++) {
            Thread.sleep(50);
        }
        say("end " + vm.end());
        vm = restore(hypervisor, state);
        vm.remove();
        vm.remove();
        say("known " + hypervisor.names());
        hypervisor.shutDown();
        say("done");
    }

    /// The card is let go of at once: the next is another one, and a guest may be saved without.
    private static void sayPing(VmHandle vm) throws Exception {
        try (TrialCard card = new TrialCard(vm)) {
            say("ping " + card.ping());
        }
    }

    /// Freezes the guest, slows it down, parks it and brings it back.
    private static VmHandle hold(LibvirtHypervisor hypervisor, VmHandle vm) throws Exception {
        vm.suspend();
        vm.suspend();
        long frozen = vm.cpuNanos();
        Thread.sleep(300);
        say("suspended " + vm.isSuspended() + " " + (vm.cpuNanos() - frozen < 50_000_000L));
        vm.resume();
        vm.limitProcessors(20);
        say("slowed " + vm.isSuspended());
        vm.suspend();
        vm.park();
        say("parked " + vm.isParked() + " " + vm.isAlive());
        VmHandle back = hypervisor.unpark(NAME);
        say("back " + back.isSuspended() + " " + back.isAlive() + " " + back.isParked());
        say("confined " + hypervisor.inspect(back).holds());
        back.resume();
        sayPing(back);
        return back;
    }

    /// Writes the guest's state to a file while it stands still, and lets it run on.
    private static Path save(VmHandle vm) throws Exception {
        Path state = Files.createTempFile("sparegrid", ".state");
        state.toFile().deleteOnExit();
        vm.suspend();
        try (OutputStream out = Files.newOutputStream(state)) {
            vm.save(out);
        }
        say("saved " + vm.isSuspended() + " " + (Files.size(state) > 1 << 20));
        vm.resume();
        sayPing(vm);
        return state;
    }

    /// Makes the guest from its state after its QEMU died.
    private static VmHandle restore(LibvirtHypervisor hypervisor, Path state) throws Exception {
        VmHandle back;
        try (InputStream in = Files.newInputStream(state)) {
            back = hypervisor.restore(NAME, in);
        }
        Files.delete(state);
        say("restored " + back.isSuspended() + " " + back.isAlive());
        say("confined " + hypervisor.inspect(back).holds());
        back.resume();
        sayPing(back);
        return back;
    }

    private static ProcessId daemon(LibvirtHypervisor hypervisor) throws IOException {
        return hypervisor.daemonProcess().orElseThrow();
    }

    private static SocketChannel dial(Path socket) throws IOException {
        SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
        channel.connect(UnixDomainSocketAddress.of(socket));
        return channel;
    }

    private static void echo(SocketChannel serial) {
        ByteBuffer buffer = ByteBuffer.allocate(4096);
        try {
            while (serial.read(buffer.clear()) > 0) {
                System.err.print(
                        new String(
                                buffer.array(), 0, buffer.position(), StandardCharsets.ISO_8859_1));
            }
        } catch (IOException ended) {
            say("serial ended " + ended.getMessage());
        }
    }

    private static void say(String fact) {
        System.out.println(fact);
    }
}
