// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.lease;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.sparegrid.agent.hypervisor.FakeHypervisor;
import org.sparegrid.agent.hypervisor.VmSpec;
import org.sparegrid.agent.owner.RunState;
import org.sparegrid.agent.volume.VolumeDesk;
import org.sparegrid.agent.volume.VolumeStore;
import org.sparegrid.protocol.ImageId;
import org.sparegrid.protocol.LeaseId;
import org.sparegrid.protocol.SellerId;
import org.sparegrid.protocol.SlotId;
import org.sparegrid.protocol.VolumeId;
import org.sparegrid.protocol.control.CoordinatorMessage.LeaseOffered;
import org.sparegrid.protocol.control.CoordinatorMessage.OpenVolume;
import org.sparegrid.protocol.market.Acceleration;
import org.sparegrid.protocol.market.MachineSize;

class VolumeWorkTest {
    private static final LeaseId LEASE = new LeaseId("vm-abcdefghijkl");
    private static final VolumeId VOLUME = new VolumeId("vol-abcdefghijkl");
    private static final String KEY = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
    private static final Hold RUNS = Hold.NONE;
    private static final Hold STILL = new Hold(RunState.FROZEN, 0, 0, 0, "the owner is here");

    @TempDir private Path folder;
    private final FakeHypervisor hypervisor = new FakeHypervisor();
    private final AtomicInteger readings = new AtomicInteger();
    private VolumeStore store;
    private VolumeDesk desk;

    @BeforeEach
    void open() {
        store = new VolumeStore(folder, 1);
        desk = new VolumeDesk(store, _ -> {});
    }

    @AfterEach
    void close() {
        desk.close();
    }

    private VolumeWork work(VolumeId... volumes) {
        return new VolumeWork(
                desk,
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
                        List.of(volumes)));
    }

    private FakeHypervisor.FakeGuest guest() throws IOException {
        hypervisor.launch(
                new VmSpec(
                        LEASE.value(),
                        new MachineSize(1, 256, 0),
                        Acceleration.EMULATION,
                        List.of(),
                        "02:00:00:00:00:02",
                        1370,
                        List.of()));
        return hypervisor.guests.get(LEASE.value());
    }

    private boolean isGoingDown(VolumeWork work, FakeHypervisor.FakeGuest guest, Hold hold)
            throws IOException {
        return work.isGoingDown(guest, hold, readings::incrementAndGet);
    }

    @Test
    void waitsForTheKeyButNotForEver() throws IOException {
        store.make(VOLUME, 1);
        VolumeWork work = work(VOLUME);
        assertThat(work.awaitsKey(Long.MAX_VALUE)).isTrue();
        assertThatThrownBy(() -> work.awaitsKey(0))
                .hasMessage("the key of the volume did not come in time");
        assertThatThrownBy(work::disks).hasMessage("the key of the volume is not here");
        desk.open(new OpenVolume(LEASE, VOLUME, KEY));
        assertThat(work.awaitsKey(0)).isFalse();
        assertThat(work.disks())
                .containsExactly(new VmSpec.Volume(folder.resolve(VOLUME + ".luks"), KEY));
        assertThat(desk.hasKey(LEASE)).isFalse();
    }

    @Test
    void failsTheStartIfTheVolumeIsNotHere() {
        desk.open(new OpenVolume(LEASE, VOLUME, KEY));
        assertThatThrownBy(work(VOLUME)::disks)
                .hasMessage("volume " + VOLUME + " is not on this computer");
    }

    @Test
    void pressesThePowerButtonOnceAndWaitsForTheGuest() throws IOException {
        FakeHypervisor.FakeGuest guest = guest();
        guest.suspended = false;
        VolumeWork work = work(VOLUME);
        assertThat(isGoingDown(work, guest, RUNS)).isTrue();
        assertThat(isGoingDown(work, guest, RUNS)).isTrue();
        assertThat(guest.powerDowns).hasValue(1);
        assertThat(readings).as("the meter is read before, once").hasValue(1);
        assertThat(work.wasAsked()).isTrue();
        hypervisor.purge(LEASE.value());
        assertThat(isGoingDown(work, guest, RUNS)).isFalse();
    }

    @Test
    void waitsNeitherForAGuestThatStandsStillNorWhenItsOwnerIsThere() throws IOException {
        FakeHypervisor.FakeGuest guest = guest();
        assertThat(isGoingDown(work(VOLUME), guest, RUNS)).as("suspended").isFalse();
        guest.suspended = false;
        assertThat(isGoingDown(work(VOLUME), guest, STILL)).as("the owner").isFalse();
        VolumeWork going = work(VOLUME);
        assertThat(isGoingDown(going, guest, RUNS)).isTrue();
        assertThat(isGoingDown(going, guest, STILL)).as("he came back").isFalse();
    }

    @Test
    void leavesAGuestWithoutAVolumeAlone() throws IOException {
        FakeHypervisor.FakeGuest guest = guest();
        guest.suspended = false;
        VolumeWork work = work();
        assertThat(work.awaitsKey(0)).isFalse();
        assertThat(work.disks()).isEmpty();
        assertThat(isGoingDown(work, guest, RUNS)).isFalse();
        assertThat(guest.powerDowns).hasValue(0);
    }
}
