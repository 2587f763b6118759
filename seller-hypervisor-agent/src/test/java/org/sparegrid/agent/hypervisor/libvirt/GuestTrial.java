// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.hypervisor.libvirt;

import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import org.sparegrid.agent.hypervisor.Confinement;
import org.sparegrid.agent.hypervisor.Disc;
import org.sparegrid.agent.hypervisor.MachineContext;
import org.sparegrid.agent.hypervisor.VmHandle;
import org.sparegrid.agent.hypervisor.VmSpec;
import org.sparegrid.agent.process.ProcessId;
import org.sparegrid.protocol.market.Acceleration;
import org.sparegrid.protocol.market.MachineSize;

/// The part of [LibvirtHypervisorIT] that runs as an ordinary user, in a process of its own that
/// can be killed. Says what it sees, one fact a line.
final class GuestTrial {
    static final String NAME = "vm-aaaaaaaaaaaa";

    private GuestTrial() {}

    /// `start FOLDER ISO` boots a guest and dies like a killed program once the guest asks for an
    /// address; `again FOLDER` finds the guest and works it to its end.
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
        if (arguments[0].equals("start")) {
            start(hypervisor, Path.of(arguments[2]));
            Runtime.getRuntime().halt(9);
        }
        again(hypervisor);
    }

    private static void start(LibvirtHypervisor hypervisor, Path iso) throws Exception {
        MachineContext context = new MachineContext("node1", "blue", 0, 1, List.of());
        VmHandle vm =
                hypervisor.launch(
                        new VmSpec(
                                NAME,
                                new MachineSize(1, 512, 64),
                                Acceleration.EMULATION,
                                List.of(new Disc.File(iso)),
                                "02:00:00:00:00:01",
                                1370,
                                List.of(context.oemString())));
        say("pid " + vm.process().pid());
        Confinement confinement = hypervisor.inspect(vm);
        confinement.findings().forEach(f -> say((f.holds() ? "holds " : "FAULT ") + f.text()));
        say("paused-cpu " + (vm.cpuNanos() < 2_000_000_000L));
        SocketChannel serial = dial(vm.serialSocket());
        SocketChannel card = dial(vm.networkSocket());
        vm.resume();
        say("console " + (serial.read(ByteBuffer.allocate(100)) > 0));
        Thread.ofVirtual().start(() -> echo(serial));
        say("dhcp " + awaitDhcp(card));
        say("cpu " + (vm.cpuNanos() > 0));
    }

    private static void again(LibvirtHypervisor hypervisor) throws Exception {
        VmHandle vm = hypervisor.find(NAME).orElseThrow();
        say("pid " + vm.process().pid());
        try (SocketChannel card = dial(vm.networkSocket())) {
            say("ping " + ping(card));
        }
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
        try (SocketChannel card = dial(vm.networkSocket())) {
            say("ping " + ping(card));
        }
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
        try (SocketChannel card = dial(back.networkSocket())) {
            say("ping " + ping(card));
        }
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
        try (SocketChannel card = dial(vm.networkSocket())) {
            say("ping " + ping(card));
        }
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
        try (SocketChannel card = dial(back.networkSocket())) {
            say("ping " + ping(card));
        }
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

    /// Reads frames until one is a DHCP request.
    private static boolean awaitDhcp(SocketChannel card) throws IOException {
        DataInputStream in = new DataInputStream(Channels.newInputStream(card));
        while (true) {
            byte[] frame = new byte[in.readInt()];
            in.readFully(frame);
            boolean udp = frame.length > 42 && frame[12] == 8 && frame[13] == 0 && frame[23] == 17;
            if (udp && frame[36] == 0 && frame[37] == 67) {
                return true;
            }
        }
    }

    /// Pings all IPv6 nodes of the link from fe80::ff until the guest asks who that is, which it
    /// must know before it can answer: frames go both ways.
    private static boolean ping(SocketChannel card) throws IOException {
        Thread.ofVirtual().start(() -> sendPings(card));
        DataInputStream in = new DataInputStream(Channels.newInputStream(card));
        while (true) {
            byte[] frame = new byte[in.readInt()];
            in.readFully(frame);
            boolean solicitation =
                    frame.length > 77 && frame[12] == (byte) 0x86 && frame[54] == (byte) 135;
            if (solicitation && frame[62] == (byte) 0xfe && frame[77] == (byte) 0xff) {
                return true;
            }
        }
    }

    private static void sendPings(SocketChannel card) {
        byte[] echo =
                HexFormat.of()
                        .parseHex(
                                "333300000001020000000002"
                                        + "86dd6000000000083a01"
                                        + "fe8000000000000000000000000000ff"
                                        + "ff020000000000000000000000000001"
                                        + "8000000000010001");
        int sum = 0x3a + 8;
        for (int i = 22; i < echo.length; i += 2) {
            sum += (echo[i] & 255) << 8 | echo[i + 1] & 255;
        }
        sum = (sum & 0xffff) + (sum >>> 16);
        int check = ~((sum & 0xffff) + (sum >>> 16));
        echo[56] = (byte) (check >> 8);
        echo[57] = (byte) check;
        try {
            while (true) {
                card.write(
                        ByteBuffer.allocate(4 + echo.length).putInt(echo.length).put(echo).flip());
                Thread.sleep(300);
            }
        } catch (IOException | InterruptedException closed) {
            System.err.println("the pinging ends");
        }
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
