// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet.port;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.InputStream;
import java.io.OutputStream;
import java.net.ConnectException;
import java.net.Inet4Address;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.sparegrid.virtualethernet.frame.FrameFormatException;
import org.sparegrid.virtualethernet.frame.SuperFrame;
import org.sparegrid.virtualethernet.network.Ipv4Subnet;
import org.sparegrid.virtualethernet.network.MacAddress;
import org.sparegrid.virtualethernet.userspace.TcpConnection;
import org.sparegrid.virtualethernet.userspace.UserSpaceHost;

/// A real guest in a real QEMU, whose card is a port that a host of this process stands behind.
@Tag("vm")
@Timeout(300)
class VhostUserPortIT {
    private static final Inet4Address GUEST = Inet4Address.ofLiteral("10.77.0.2");
    private static final Duration BOOT_MAX = Duration.ofSeconds(240);

    /// With MSI-X, QEMU 7.2 under TCG ends with SIGSEGV when a guest's driver starts such a card.
    private static final String QEMU =
            "qemu-system-x86_64 -machine q35,memory-backend=m -cpu Nehalem -m 256"
                    + " -accel tcg,tb-size=64 -nodefaults -display none -no-reboot"
                    + " -object memory-backend-memfd,id=m,size=256M,share=on"
                    + " -qmp unix:FOLDER/monitor,server=on,wait=off"
                    + " -serial file:FOLDER/console -kernel FOLDER/vmlinuz -initrd FOLDER/initrd"
                    + " -chardev socket,id=c,path=FOLDER/nic,server=on"
                    + " -netdev vhost-user,id=n,chardev=c"
                    + " -device virtio-net-pci,netdev=n,vectors=0,romfile=,disable-legacy=on,"
                    + "rx_queue_size=1024,mac=02:00:00:00:00:02";

    @TempDir private Path folder;
    private final UserSpaceHost host = new UserSpaceHost();
    private Process qemu;
    private volatile VhostUserPort port;
    private volatile int countMax;

    @BeforeEach
    void boot() throws Exception {
        String iso = System.getProperty("sparegrid.base.iso", System.getenv("SPAREGRID_BASE_ISO"));
        assertThat(iso).as("SPAREGRID_BASE_ISO, the base live CD").isNotNull();
        run("src/test/guest/mini-guest", iso, folder.toString());
        startQemu();
        openPort();
        host.start(
                new FramePort.Sink() {
                    private final SuperFrame frame = new SuperFrame();

                    @Override
                    public void accept(ByteBuffer bytes) {
                        byte[] copy = new byte[bytes.remaining()];
                        bytes.get(copy);
                        try {
                            port.add(frame.set(copy, 0, copy.length));
                        } catch (FrameFormatException impossible) {
                            throw new AssertionError(impossible);
                        }
                        port.flush();
                    }
                });
        host.configure(
                new PortAddress(
                        MacAddress.parse("02:00:00:00:00:01"),
                        Inet4Address.ofLiteral("10.77.0.1"),
                        Ipv4Subnet.parse("10.77.0.0/24"),
                        1500));
        awaitPing();
    }

    private void startQemu(String... more) throws Exception {
        List<String> command =
                new ArrayList<>(List.of(QEMU.replace("FOLDER", folder.toString()).split(" ")));
        command.addAll(List.of("-append", "console=ttyS0 quiet address=10.77.0.2/24"));
        command.addAll(List.of(more));
        qemu =
                new ProcessBuilder(command)
                        .redirectErrorStream(true)
                        .redirectOutput(folder.resolve("qemu.log").toFile())
                        .start();
    }

    private void openPort() throws Exception {
        port = new VhostUserPort(folder.resolve("nic"));
        port.start(
                new FramePort.Sink() {
                    @Override
                    public void accept(ByteBuffer frame) {
                        host.send(frame);
                    }

                    @Override
                    public void add(SuperFrame frame) {
                        countMax = Math.max(countMax, frame.count());
                        FramePort.Sink.super.add(frame);
                    }
                });
    }

    /// The guest's echo listens a moment after its card has an address.
    private TcpConnection connect() throws Exception {
        long end = System.nanoTime() + BOOT_MAX.toNanos();
        while (true) {
            try {
                return host.connect(new InetSocketAddress(GUEST, 7), Duration.ofSeconds(30));
            } catch (ConnectException notYet) {
                assertThat(System.nanoTime()).as("the guest listens in time").isLessThan(end);
                host.ping(GUEST, Duration.ofSeconds(1));
            }
        }
    }

    private void awaitPing() throws Exception {
        long end = System.nanoTime() + BOOT_MAX.toNanos();
        while (host.ping(GUEST, Duration.ofSeconds(1)).isEmpty()) {
            assertThat(qemu.isAlive()).as(Files.readString(folder.resolve("qemu.log"))).isTrue();
            assertThat(System.nanoTime()).as("the guest answers in time").isLessThan(end);
        }
    }

    @AfterEach
    void end() throws Exception {
        if (qemu != null) {
            qemu.destroyForcibly().waitFor();
        }
        port.close();
        host.close();
    }

    private static void run(String... command) throws Exception {
        Process process = new ProcessBuilder(command).inheritIO().start();
        assertThat(process.waitFor()).as(String.join(" ", command)).isZero();
    }

    /// Sends bytes to the guest's echo and gets the same back, at once.
    private static void exchange(TcpConnection connection, int length) throws Exception {
        byte[] sent = new byte[length];
        new Random(length).nextBytes(sent);
        OutputStream out = connection.outputStream();
        FutureTask<Boolean> writing =
                new FutureTask<>(() -> {
                    out.write(sent);
                    return true;
                });
        Thread.ofPlatform().start(writing);
        InputStream in = connection.inputStream();
        byte[] back = in.readNBytes(length);
        assertThat(writing.get(60, TimeUnit.SECONDS)).isTrue();
        assertThat(back).isEqualTo(sent);
    }

    /// Writes the guest to the disk and ends QEMU, as libvirt does it.
    private void save() throws Exception {
        try (QemuMonitor monitor = new QemuMonitor(folder.resolve("monitor"))) {
            monitor.say("stop", "");
            monitor.say("migrate", "\"uri\":\"exec:cat >" + folder.resolve("saved") + "\"");
            monitor.await("query-migrate", "\"status\": \"completed\"");
            monitor.say("quit", "");
        }
        assertThat(qemu.waitFor(30, TimeUnit.SECONDS)).isTrue();
    }

    private void comeBack() throws Exception {
        startQemu("-incoming", "exec:cat " + folder.resolve("saved"));
    }

    private void goOn() throws Exception {
        try (QemuMonitor monitor = new QemuMonitor(folder.resolve("monitor"))) {
            monitor.await("query-status", "\"status\": \"paused\"");
            monitor.say("cont", "");
        }
    }

    @Test
    void goesOnWhenTheGuestComesBackFromTheDisk() throws Exception {
        try (TcpConnection connection = connect()) {
            exchange(connection, 1_000_000);
            save();
            comeBack();
            goOn();
            awaitPing();
            exchange(connection, 1_000_000);
        }
        assertThat(port.lost()).isEmpty();
    }

    /// QEMU takes the link of a card down that no port is connected to, saves that with the guest,
    /// and does not look again when the guest comes back.
    @Test
    void isSilentAfterASaveWithoutItUntilItDialsAgain() throws Exception {
        try (TcpConnection connection = connect()) {
            exchange(connection, 1_000_000);
            port.close();
            save();
            comeBack();
            openPort();
            goOn();
            assertThat(host.ping(GUEST, Duration.ofSeconds(10))).isEmpty();
            port.close();
            openPort();
            awaitPing();
            exchange(connection, 1_000_000);
        }
        assertThat(port.lost()).isEmpty();
    }

    @Test
    void carriesDataBothWaysAndGoesOnInANewPortWhileConnectionsLive() throws Exception {
        try (TcpConnection connection = connect()) {
            exchange(connection, 8_000_000);
            assertThat(countMax).as("frames in one that the guest sent").isGreaterThan(10);
            port.close();
            openPort();
            awaitPing();
            exchange(connection, 1_000_000);
        }
        assertThat(port.lost()).isEmpty();
        assertThat(qemu.isAlive()).isTrue();
    }
}
