// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.network;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicLong;
import org.sparegrid.agent.hypervisor.GuestCard;
import org.sparegrid.agent.hypervisor.VmHandle;
import org.sparegrid.agent.hypervisor.libvirt.Layout;
import org.sparegrid.agent.hypervisor.libvirt.LibvirtHypervisor;
import org.sparegrid.agent.selftest.TestGuest;
import org.sparegrid.protocol.market.Acceleration;
import org.sparegrid.protocol.market.MachineSize;
import org.sparegrid.virtualethernet.port.FramePort;

/// Has a guest take all it can get, and measures from outside what it gets. Run by `bin/bench
/// seller`.
public final class CapsBench {
    private static final int MEMORY_MEBIBYTES = 256;
    private static final int DISK_MEBIBYTES = 128;
    private static final long DISK_RATE = 8 << 20;
    private static final long NETWORK_RATE = 20_000_000;

    private final long seconds;
    private final TestGuest guest;

    private CapsBench(long seconds, TestGuest guest) {
        this.seconds = seconds;
        this.guest = guest;
    }

    /// `FOLDER SECONDS [vhost-user]`: a private folder, how long each limit is watched, and the
    /// guest's card.
    public static void main(String[] arguments) throws Exception {
        Path folder = Path.of(arguments[0]);
        Path disks = folder.resolve("d");
        GuestCard card =
                List.of(arguments).contains("vhost-user") ? GuestCard.VHOST_USER : GuestCard.STREAM;
        try (LibvirtHypervisor hypervisor =
                new LibvirtHypervisor(
                        new Layout(
                                folder.resolve("v"),
                                folder.resolve("g"),
                                folder.resolve("l"),
                                disks,
                                folder.resolve("i"),
                                folder.resolve("n"),
                                folder.resolve("log/libvirtd")),
                        Path.of("/usr/bin/bwrap"),
                        Path.of("/usr/sbin/libvirtd"),
                        false)) {
            hypervisor.caps().forEach(cap -> System.out.println("held: " + cap));
            try (TestGuest guest =
                    TestGuest.launch(
                            hypervisor,
                            "bench",
                            new MachineSize(1, MEMORY_MEBIBYTES, DISK_MEBIBYTES),
                            Acceleration.EMULATION,
                            card,
                            disks)) {
                guest.handle().resume();
                guest.await("ready", Duration.ofSeconds(60));
                CapsBench bench = new CapsBench(Long.parseLong(arguments[1]), guest);
                bench.processors();
                bench.disks();
                bench.diskSize(disks.resolve("bench"));
                bench.network();
                bench.memory();
            } finally {
                hypervisor.shutDown();
            }
        }
    }

    private void processors() throws Exception {
        VmHandle vm = guest.handle();
        guest.begin("burn");
        for (int percent : new int[] {50, 25, 10}) {
            vm.limitProcessors(percent);
            Thread.sleep(500);
            long start = System.nanoTime();
            long before = ticks(vm.process().pid());
            Thread.sleep(seconds * 1000);
            double used = (ticks(vm.process().pid()) - before) * 10.0;
            say("cpu-" + percent, used * 100 / ((System.nanoTime() - start) / 1e6), "percent");
        }
        vm.limitProcessors(100);
        guest.end();
    }

    private void disks() throws Exception {
        guest.handle().limitDisks(DISK_RATE);
        for (String kind : new String[] {"write", "read"}) {
            guest.begin(kind);
            long start = System.nanoTime();
            Thread.sleep(seconds * 1000);
            long moved = guest.end();
            double rate = moved / ((System.nanoTime() - start) / 1e9);
            say("disk-" + kind, rate * 100 / DISK_RATE, "percent of the limit");
        }
        guest.handle().limitDisks(0);
    }

    /// Writes the disk over and over, and looks how much of the owner's disk that takes.
    private void diskSize(Path folder) throws Exception {
        guest.begin("write");
        Thread.sleep(seconds * 1000);
        long moved = guest.end();
        long most = 0;
        try (var files = Files.newDirectoryStream(folder)) {
            for (Path file : files) {
                most = Math.max(most, Files.size(file));
            }
        }
        say(
                "disk-size",
                most * 100.0 / (DISK_MEBIBYTES << 20),
                "percent, written " + (moved >> 20));
    }

    private void network() throws Exception {
        TokenBucket fromGuest = new TokenBucket();
        fromGuest.rate(NETWORK_RATE, System.nanoTime());
        AtomicLong bytes = new AtomicLong();
        try (FramePort port = new ShapedPort(guest.handle().card(), fromGuest, new TokenBucket())) {
            port.start(frame -> bytes.addAndGet(frame.remaining()));
            guest.begin("send");
            Thread.sleep(1000);
            long before = bytes.get();
            long start = System.nanoTime();
            Thread.sleep(seconds * 1000);
            double rate = (bytes.get() - before) * 8 / ((System.nanoTime() - start) / 1e9);
            say("network", rate * 100 / NETWORK_RATE, "percent of the limit");
            guest.end();
        }
    }

    private void memory() throws Exception {
        guest.begin("fill");
        Thread.sleep(seconds * 1000);
        guest.end();
        String status =
                Files.readString(Path.of("/proc/" + guest.handle().process().pid() + "/status"));
        String peak = status.substring(status.indexOf("VmHWM:") + 6).strip().split(" ", -1)[0];
        say("memory", Long.parseLong(peak) / 1024.0, "MiB of QEMU at most");
    }

    private static long ticks(long pid) throws Exception {
        String stat = Files.readString(Path.of("/proc/" + pid + "/stat"));
        String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
        return Long.parseLong(fields[11]) + Long.parseLong(fields[12]);
    }

    private static void say(String what, double measured, String unit) {
        System.out.printf(Locale.ROOT, "cap-%s: %.2f %s%n", what, measured, unit);
    }
}
