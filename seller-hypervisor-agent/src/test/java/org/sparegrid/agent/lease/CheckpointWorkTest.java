// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.lease;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.sparegrid.agent.checkpoint.CheckpointStore;
import org.sparegrid.protocol.ImageId;
import org.sparegrid.protocol.LeaseId;
import org.sparegrid.protocol.SellerId;
import org.sparegrid.protocol.SlotId;
import org.sparegrid.protocol.control.CoordinatorMessage.LeaseOffered;
import org.sparegrid.protocol.market.Checkpoints;
import org.sparegrid.protocol.market.MachineSize;

class CheckpointWorkTest {
    private static final Checkpoints EVERY_MINUTE =
            new Checkpoints(60, Base64.getEncoder().encodeToString(new byte[32]));

    @TempDir private Path folder = Path.of("/nonexistent");

    private final AtomicLong now = new AtomicLong(1_000_000);

    private CheckpointWork work(String lease) {
        LeaseOffered offer =
                new LeaseOffered(
                        new LeaseId(lease),
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
        return new CheckpointWork(new CheckpointStore(folder, now::get), offer, now::addAndGet);
    }

    /// When the work is due, in milliseconds from now.
    private long dueAfter(CheckpointWork work) {
        long start = now.get();
        while (!work.isDue()) {
            now.addAndGet(100);
        }
        return now.get() - start;
    }

    @Test
    void savesNothingUnlessTheBuyerAsked() {
        CheckpointWork work = work("vm-aaaaaaaaaaaa");
        now.addAndGet(1_000_000_000);
        assertThat(work.isDue()).isFalse();
        assertThat(work.hasKey()).isFalse();
    }

    @Test
    void guestsThatBeganTogetherAreNotSavedTogether() {
        CheckpointWork one = work("vm-aaaaaaaaaaaa");
        CheckpointWork two = work("vm-bbbbbbbbbbbb");
        one.want(EVERY_MINUTE);
        two.want(EVERY_MINUTE);
        assertThat(one.isDue() || two.isDue()).isFalse();
        long start = now.get();
        long first = dueAfter(one);
        now.set(start);
        long second = dueAfter(two);
        assertThat(first).isBetween(30_000L, 60_000L);
        assertThat(second).isBetween(30_000L, 60_000L).isNotEqualTo(first);
    }

    @Test
    void aSlowDiskIsAskedLessOften() {
        CheckpointWork work = work("vm-aaaaaaaaaaaa");
        work.want(EVERY_MINUTE);
        dueAfter(work);
        work.take(() -> 0, out -> now.addAndGet(10_000));
        assertThat(dueAfter(work)).isEqualTo(200_000);
        work.take(() -> 0, out -> now.addAndGet(100));
        assertThat(dueAfter(work)).isEqualTo(60_000);
    }

    @Test
    void aFailureKeepsTheOneBefore() throws Exception {
        CheckpointWork work = work("vm-aaaaaaaaaaaa");
        work.want(EVERY_MINUTE);
        work.take(() -> 0, out -> out.write(7));
        work.take(
                () -> 0,
                out -> {
                    throw new IOException("the disk is full");
                });
        assertThat(work.<byte[]>restore(InputStream::readAllBytes)).containsExactly(7);
    }

    @Test
    void aGuestThatFailsAgainAndAgainIsGivenUp() throws Exception {
        CheckpointWork work = work("vm-aaaaaaaaaaaa");
        work.want(EVERY_MINUTE);
        assertThat(work.mayRestore()).isFalse();
        work.take(() -> 0, out -> out.write(7));
        for (int i = 0; i < 5; i++) {
            assertThat(work.mayRestore()).isTrue();
            work.<byte[]>restore(InputStream::readAllBytes);
        }
        assertThat(work.mayRestore()).isFalse();
        work.take(() -> 0, out -> out.write(8));
        assertThat(work.mayRestore()).isTrue();
        work.remove();
        assertThat(work.mayRestore()).isFalse();
    }
}
