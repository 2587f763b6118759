// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.volume;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.sparegrid.protocol.LeaseId;
import org.sparegrid.protocol.VolumeId;
import org.sparegrid.protocol.control.AgentMessage;
import org.sparegrid.protocol.control.AgentMessage.VolumeGone;
import org.sparegrid.protocol.control.AgentMessage.VolumeKept;
import org.sparegrid.protocol.control.CoordinatorMessage.DropVolume;
import org.sparegrid.protocol.control.CoordinatorMessage.KeepVolume;
import org.sparegrid.protocol.control.CoordinatorMessage.OpenVolume;

class VolumeDeskTest {
    private static final VolumeId VOLUME = new VolumeId("vol-abcdefghijkl");
    private static final LeaseId LEASE = new LeaseId("vm-abcdefghijkl");

    @TempDir private Path folder;
    private final List<AgentMessage> said = new CopyOnWriteArrayList<>();

    private VolumeDesk desk() {
        return new VolumeDesk(new VolumeStore(folder, 1), said::add);
    }

    @Test
    void saysWhatBecameOfEachOrderInItsOrder() throws IOException {
        VolumeId large = new VolumeId("vol-bbbbbbbbbbbb");
        try (VolumeDesk desk = desk()) {
            desk.keep(new KeepVolume(VOLUME, 1));
            desk.keep(new KeepVolume(VOLUME, 1));
            desk.keep(new KeepVolume(large, 2));
            desk.drop(new DropVolume(VOLUME, "removed by its buyer"));
            desk.drop(new DropVolume(VOLUME, "removed by its buyer"));
        }
        assertThat(said)
                .containsExactly(
                        new VolumeKept(VOLUME),
                        new VolumeKept(VOLUME),
                        new VolumeGone(
                                large,
                                "this computer keeps 1 GiB of at most 1 GiB for volumes, so that 2"
                                        + " more do not fit"),
                        new VolumeGone(VOLUME, "removed by its buyer"),
                        new VolumeGone(VOLUME, "removed by its buyer"));
        assertThat(folder).isEmptyDirectory();
    }

    @Test
    void remembersAKeyUntilItIsForgotten() {
        try (VolumeDesk desk = desk()) {
            desk.open(new OpenVolume(LEASE, VOLUME, "key"));
            assertThat(desk.hasKey(LEASE)).isTrue();
            assertThat(desk.key(LEASE)).hasValue("key");
            desk.forget(LEASE);
            assertThat(desk.hasKey(LEASE)).isFalse();
        }
        assertThat(new OpenVolume(LEASE, VOLUME, "key").toString()).doesNotContain("key,");
        assertThat(folder).isEmptyDirectory();
    }
}
