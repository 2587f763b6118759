// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.lease;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.sparegrid.agent.checkpoint.CheckpointStore;
import org.sparegrid.agent.hypervisor.FakeHypervisor;
import org.sparegrid.agent.hypervisor.GuestCard;
import org.sparegrid.agent.hypervisor.VmSpec;
import org.sparegrid.agent.image.ImageSource;
import org.sparegrid.agent.image.ImageStore;
import org.sparegrid.agent.network.Overlay;
import org.sparegrid.agent.owner.RunState;
import org.sparegrid.agent.process.Kernel;
import org.sparegrid.agent.process.ProcessId;
import org.sparegrid.agent.trust.TrustDesk;
import org.sparegrid.agent.volume.VolumeDesk;
import org.sparegrid.agent.volume.VolumeStore;
import org.sparegrid.imagetools.chunk.Sha256Digest;
import org.sparegrid.protocol.ImageId;
import org.sparegrid.protocol.LeaseId;
import org.sparegrid.protocol.MemberId;
import org.sparegrid.protocol.NetworkId;
import org.sparegrid.protocol.SellerId;
import org.sparegrid.protocol.SlotId;
import org.sparegrid.protocol.control.AgentMessage;
import org.sparegrid.protocol.control.CoordinatorMessage.LeaseOffered;
import org.sparegrid.protocol.control.CoordinatorMessage.NetworkChanged;
import org.sparegrid.protocol.market.Acceleration;
import org.sparegrid.protocol.market.Checkpoints;
import org.sparegrid.protocol.market.EndReason;
import org.sparegrid.protocol.market.MachineSize;
import org.sparegrid.protocol.market.NetworkMember;
import org.sparegrid.protocol.market.NetworkView;
import org.sparegrid.protocol.market.Usage;

@Timeout(60)
class LeaseRunTest {
    private static final LeaseId LEASE = new LeaseId("vm-abcdefghijkl");
    private static final MemberId SELF = new MemberId("mem-abcdefghijkl");

    @TempDir Path folder;

    private final FakeHypervisor hypervisor = new FakeHypervisor();

    /// Of checkpoints, in milliseconds.
    private final AtomicLong now = new AtomicLong();

    /// Time that passes only when the test says so: a wait that nobody ends early ends with a beat.
    private static final class Beats extends Semaphore {
        private static final long serialVersionUID = 1;

        private final transient Semaphore beats = new Semaphore(0);
        private final transient Semaphore rests = new Semaphore(0);
        private final AtomicInteger woken = new AtomicInteger();
        private volatile boolean free;

        Beats() {
            super(0);
        }

        @Override
        public boolean tryAcquire(long timeout, TimeUnit unit) throws InterruptedException {
            if (tryAcquire()) {
                woken.incrementAndGet();
                return true;
            }
            rests.release();
            if (!free) {
                beats.acquire();
            }
            return false;
        }

        /// Lets one wait pass and waits for the next.
        void beat() throws InterruptedException {
            rests.acquire();
            beats.release();
        }

        void letGo() {
            free = true;
            beats.release();
        }
    }

    private static final class Silence implements Outbox {
        @Override
        public void send(AgentMessage message) {}

        @Override
        public void send(AgentMessage message, Runnable acknowledged) {}
    }

    private static final class NoImages implements ImageSource {
        @Override
        public byte[] manifest(ImageId image) {
            return new byte[0];
        }

        @Override
        public ByteBuffer fetch(Sha256Digest digest) {
            return ByteBuffer.allocate(0);
        }
    }

    private static LeaseRecord onNetwork(ProcessId process) {
        LeaseOffered offer =
                new LeaseOffered(
                        LEASE,
                        SlotId.of(new SellerId("a".repeat(40)), 0),
                        new MachineSize(1, 256, 0),
                        new ImageId("0".repeat(64)),
                        "",
                        "node1",
                        "job",
                        0,
                        1,
                        List.of(),
                        300,
                        0,
                        List.of());
        LeaseRecord accepted = LeaseRecord.of(offer);
        NetworkMember self =
                new NetworkMember(
                        SELF,
                        "node1",
                        NetworkMember.Kind.MACHINE,
                        Overlay.keys(accepted.privateKey()).publicKey().toString(),
                        "198.19.0.2",
                        "02:00:00:00:00:02",
                        "10.77.0.2",
                        List.of(),
                        false);
        NetworkView view =
                new NetworkView(
                        new NetworkId("net-abcdefghijkl"),
                        1,
                        "job",
                        77,
                        "10.77.0.0/24",
                        "10.77.0.1",
                        "job.grid.internal",
                        1370,
                        false,
                        List.of(self),
                        List.of());
        return new LeaseRecord(
                offer,
                accepted.privateKey(),
                List.of(new NetworkChanged(LEASE, SELF, view)),
                new LeaseState(
                        Stage.ON_NETWORK,
                        Long.MAX_VALUE,
                        Kernel.bootMillis(),
                        EndReason.START_FAILED,
                        "",
                        Pace.FULL,
                        0),
                Kernel.bootId(),
                process,
                "",
                Usage.NONE,
                0);
    }

    @Test
    void looksAtItsGuestOnceForEachWait() throws Exception {
        ProcessId process = ProcessId.of(ProcessHandle.current().pid()).orElseThrow();
        Path serial = folder.resolve("s");
        Beats beats = new Beats();
        try (ServerSocketChannel console = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
                Overlay overlay = Overlay.open(0, List.of("127.0.0.1:1"))) {
            console.bind(UnixDomainSocketAddress.of(serial));
            FakeHypervisor.FakeGuest guest = launch(process, serial);
            LeaseTools tools = tools(overlay);
            LeaseRun run =
                    LeaseRun.recover(
                            tools, onNetwork(process), Set::of, Hold.NONE, () -> {}, beats);
            for (int i = 0; i < 5; i++) {
                beats.beat();
            }
            int looksBefore = guest.looks.get();
            int wokenBefore = beats.woken.get();
            for (int i = 0; i < 100; i++) {
                beats.beat();
            }
            assertThat(beats.woken.get() - wokenBefore).as("woken by its own looks").isZero();
            assertThat(guest.looks.get() - looksBefore).isBetween(99, 101);
            beats.letGo();
            run.leave();
        }
    }

    /// The agent died while it made the guest, and so did libvirtd.
    @Test
    void removesAHalfMadeGuestOnceLibvirtIsBack() throws Exception {
        Beats beats = new Beats();
        hypervisor.purgesToFail.set(3);
        try (Overlay overlay = Overlay.open(0, List.of("127.0.0.1:1"))) {
            launch(ProcessId.NONE, folder.resolve("s"));
            LeaseRecord died = onNetwork(ProcessId.NONE);
            LeaseState launching =
                    LeaseState.ACCEPTED
                            .after(new LeaseState.Event.NetworkKnown(), 0)
                            .after(new LeaseState.Event.ImageReady(1000), 0);
            LeaseRun run =
                    LeaseRun.recover(
                            tools(overlay),
                            died.with(launching),
                            Set::of,
                            Hold.NONE,
                            () -> {},
                            beats);
            for (int i = 0; i < 2; i++) {
                beats.beat();
            }
            assertThat(run.lease().state().stage()).isEqualTo(Stage.LAUNCHING);
            assertThat(hypervisor.names()).containsExactly(LEASE.value());
            beats.letGo();
            // The image source of this test has no image, so that it can't be made again.
            while (run.lease().state().stage() != Stage.ENDED) {
                Thread.yield();
            }
            assertThat(run.lease().state().reason()).isEqualTo(EndReason.START_FAILED);
            assertThat(hypervisor.names()).isEmpty();
            run.leave();
        }
    }

    /// Its QEMU was killed. The key is on no disk, so that it can't come back before the
    /// coordinator has told it again.
    @Test
    void comesBackFromItsCheckpointOnceTheKeyIsTold() throws Exception {
        ProcessId process = ProcessId.of(ProcessHandle.current().pid()).orElseThrow();
        Path serial = folder.resolve("s");
        Beats beats = new Beats();
        String key = "A".repeat(43) + "=";
        String state = "state of " + LEASE.value();
        try (ServerSocketChannel console = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
                Overlay overlay = Overlay.open(0, List.of("127.0.0.1:1"))) {
            console.bind(UnixDomainSocketAddress.of(serial));
            launch(process, serial);
            hypervisor.restoredSerial = serial;
            LeaseTools tools = tools(overlay);
            tools.checkpoints().save(LEASE, key, 1000, out -> out.write(state.getBytes(UTF_8)));
            LeaseRun run =
                    LeaseRun.recover(
                            tools, onNetwork(process), Set::of, Hold.NONE, () -> {}, beats);
            for (int i = 0; i < 3; i++) {
                beats.beat();
            }
            hypervisor.guests.remove(LEASE.value());
            for (int i = 0; i < 5; i++) {
                beats.beat();
            }
            assertThat(run.lease().state().stage()).isEqualTo(Stage.PARKED);
            assertThat(run.lease().state().pace().percent()).isZero();
            assertThat(hypervisor.names()).isEmpty();

            run.keepCheckpoints(new Checkpoints(600, key));
            for (int i = 0; i < 5; i++) {
                beats.beat();
            }
            assertThat(run.lease().state().stage()).isEqualTo(Stage.ON_NETWORK);
            assertThat(run.lease().state().pace().percent()).isEqualTo(100);
            assertThat(hypervisor.guests.get(LEASE.value()).suspended).isFalse();
            beats.letGo();
            run.leave();
        }
    }

    @Test
    void endsTheLeaseOfAGuestThatDoesNothingButStartAnew() throws Exception {
        ProcessId process = ProcessId.of(ProcessHandle.current().pid()).orElseThrow();
        Path serial = folder.resolve("s");
        Beats beats = new Beats();
        try (ServerSocketChannel console = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
                Overlay overlay = Overlay.open(0, List.of("127.0.0.1:1"))) {
            console.bind(UnixDomainSocketAddress.of(serial));
            launch(process, serial);
            LeaseRun run =
                    LeaseRun.recover(
                            tools(overlay),
                            onNetwork(process),
                            Set::of,
                            Hold.NONE,
                            () -> {},
                            beats);
            try (SocketChannel guest = console.accept()) {
                String start = "SeaBIOS (version 1.16.2-debian-1.16.2-1)\r\n";
                guest.write(ByteBuffer.wrap(start.repeat(5).getBytes(UTF_8)));
                for (int i = 0; i < 5; i++) {
                    beats.beat();
                }
                assertThat(run.lease().state().stage()).isEqualTo(Stage.ON_NETWORK);
                guest.write(ByteBuffer.wrap(start.getBytes(UTF_8)));
                beats.letGo();
                while (run.lease().state().stage() != Stage.ENDED) {
                    Thread.yield();
                }
            }
            assertThat(run.lease().state().reason()).isEqualTo(EndReason.FAILED);
            assertThat(run.lease().state().detail())
                    .isEqualTo("the guest started anew 5 times within 10 minutes");
            assertThat(hypervisor.names()).isEmpty();
            run.leave();
        }
    }

    /// Its QEMU is watched on, so that its end is noticed.
    @Test
    void leavesAGuestStandingStillThatTheDiskHasNoRoomFor() throws Exception {
        ProcessId process = ProcessId.of(ProcessHandle.current().pid()).orElseThrow();
        Path serial = folder.resolve("s");
        Beats beats = new Beats();
        try (ServerSocketChannel console = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
                Overlay overlay = Overlay.open(0, List.of("127.0.0.1:1"))) {
            console.bind(UnixDomainSocketAddress.of(serial));
            FakeHypervisor.FakeGuest guest = launch(process, serial);
            guest.parkFault = Optional.of("the disk is full");
            Hold parked = new Hold(RunState.PARKED, 0, 0, 0, "the owner is back");
            LeaseRun run =
                    LeaseRun.recover(
                            tools(overlay), onNetwork(process), Set::of, parked, () -> {}, beats);
            for (int i = 0; i < 3; i++) {
                beats.beat();
            }
            int looksBefore = guest.looks.get();
            for (int i = 0; i < 10; i++) {
                beats.beat();
            }
            assertThat(run.lease().state().stage()).isEqualTo(Stage.ON_NETWORK);
            assertThat(run.lease().state().pace().percent()).isZero();
            assertThat(guest.suspended).isTrue();
            assertThat(guest.parkings).as("tries within a minute").hasValue(1);
            assertThat(guest.looks.get() - looksBefore).isBetween(9, 11);

            // Somebody kills it.
            hypervisor.guests.clear();
            beats.letGo();
            while (run.lease().state().stage() != Stage.ENDED) {
                Thread.yield();
            }
            run.leave();
        }
    }

    /// It stands still meanwhile and is not paid, and what was saved ends with the lease.
    @Test
    void savesItsGuestAndLetsItRunOn() throws Exception {
        ProcessId process = ProcessId.of(ProcessHandle.current().pid()).orElseThrow();
        Path serial = folder.resolve("s");
        Beats beats = new Beats();
        String key = "A".repeat(43) + "=";
        try (ServerSocketChannel console = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
                Overlay overlay = Overlay.open(0, List.of("127.0.0.1:1"))) {
            console.bind(UnixDomainSocketAddress.of(serial));
            FakeHypervisor.FakeGuest guest = launch(process, serial);
            LeaseTools tools = tools(overlay);
            LeaseRun run =
                    LeaseRun.recover(
                            tools, onNetwork(process), Set::of, Hold.NONE, () -> {}, beats);
            run.keepCheckpoints(new Checkpoints(600, key));
            for (int i = 0; i < 4; i++) {
                beats.beat();
            }
            assertThat(tools.checkpoints().has(LEASE)).isFalse();
            now.addAndGet(600_000);
            for (int i = 0; i < 4; i++) {
                beats.beat();
            }
            assertThat(tools.checkpoints().read(LEASE, key, InputStream::readAllBytes))
                    .asString(UTF_8)
                    .isEqualTo("state of " + LEASE.value());
            assertThat(guest.saved).containsExactly(true);
            assertThat(guest.suspended).isFalse();
            assertThat(run.lease().state().pace().percent()).isEqualTo(100);

            // The owner comes: it is not saved while it is held.
            run.hold(new Hold(RunState.FROZEN, 0, 0, 0, "the owner is back"));
            for (int i = 0; i < 4; i++) {
                beats.beat();
            }
            assertThat(guest.suspended).isTrue();
            now.addAndGet(1_200_000);
            for (int i = 0; i < 4; i++) {
                beats.beat();
            }
            assertThat(guest.saved).containsExactly(true);
            run.stop(EndReason.BUYER, "done");
            beats.letGo();
            while (run.lease().state().stage() != Stage.ENDED) {
                Thread.yield();
            }
            assertThat(tools.checkpoints().has(LEASE)).isFalse();
            run.leave();
        }
    }

    private FakeHypervisor.FakeGuest launch(ProcessId process, Path serial) throws IOException {
        hypervisor.launch(
                new VmSpec(
                        LEASE.value(),
                        new MachineSize(1, 256, 0),
                        Acceleration.EMULATION,
                        List.of(),
                        "02:00:00:00:00:02",
                        1370,
                        List.of()));
        FakeHypervisor.FakeGuest guest = hypervisor.guests.get(LEASE.value());
        guest.process = process;
        guest.serial = serial;
        return guest;
    }

    private LeaseTools tools(Overlay overlay) throws IOException {
        return new LeaseTools(
                hypervisor,
                new ImageStore(folder, 0, folder, true),
                new NoImages(),
                overlay,
                new LeaseJournal(folder),
                new Silence(),
                TrustDesk.open("none", folder, folder.resolve("trust"), _ -> {}),
                Acceleration.EMULATION,
                () -> GuestCard.VHOST_USER,
                0,
                new CheckpointStore(folder, now::get),
                (_, _) -> {},
                new VolumeDesk(new VolumeStore(folder, 100), _ -> {}));
    }
}
