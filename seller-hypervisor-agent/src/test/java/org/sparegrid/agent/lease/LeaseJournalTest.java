// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.lease;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.sparegrid.protocol.ImageId;
import org.sparegrid.protocol.LeaseId;
import org.sparegrid.protocol.MemberId;
import org.sparegrid.protocol.NetworkId;
import org.sparegrid.protocol.SellerId;
import org.sparegrid.protocol.SlotId;
import org.sparegrid.protocol.control.CoordinatorMessage.LeaseOffered;
import org.sparegrid.protocol.control.CoordinatorMessage.NetworkChanged;
import org.sparegrid.protocol.market.MachineSize;
import org.sparegrid.protocol.market.NetworkMember;
import org.sparegrid.protocol.market.NetworkView;

class LeaseJournalTest {
    private static final MemberId SELF = new MemberId("mem-aaaaaaaaaaaa");

    @TempDir private Path folder = Path.of("/nonexistent");

    private static LeaseRecord lease(boolean open) {
        LeaseOffered offer =
                new LeaseOffered(
                        new LeaseId("vm-aaaaaaaaaaaa"),
                        SlotId.of(new SellerId("0".repeat(40)), 0),
                        new MachineSize(1, 512, 0),
                        new ImageId("a".repeat(64)),
                        "key=",
                        "node1",
                        "job",
                        0,
                        2,
                        List.of(),
                        600,
                        0,
                        List.of());
        LeaseRecord fresh = LeaseRecord.of(offer);
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
                        List.of(
                                member("node1", open, "192.0.2.1:41777", "[2001:db8::1]:41777"),
                                member("node2", open)),
                        List.of());
        return new LeaseRecord(
                offer,
                fresh.privateKey(),
                List.of(new NetworkChanged(offer.lease(), SELF, view)),
                fresh.state(),
                fresh.bootId(),
                fresh.process(),
                "",
                fresh.usage(),
                0);
    }

    private static NetworkMember member(String name, boolean open, String... endpoints) {
        return new NetworkMember(
                SELF,
                name,
                NetworkMember.Kind.MACHINE,
                "key=",
                "198.19.0.2",
                "02:00:00:00:00:02",
                "10.77.0.2",
                List.of(endpoints),
                open);
    }

    @Test
    void readsWhatItWrote() throws IOException {
        LeaseJournal journal = new LeaseJournal(folder);
        LeaseRecord lease = lease(true);
        journal.write(lease);
        assertThat(journal.load()).containsExactly(lease);
    }

    @Test
    void readsWhatAgentsWroteThatKnewNothingOfOpenPorts() throws IOException {
        LeaseJournal journal = new LeaseJournal(folder);
        LeaseRecord lease = lease(false);
        journal.write(lease);
        Path file = folder.resolve(lease.id() + ".json");
        String text = Files.readString(file);
        String old = text.replaceAll(",\\s*\"openPort\"\\s*:\\s*false", "");
        assertThat(old).doesNotContain("openPort").isNotEqualTo(text);
        Files.writeString(file, old);
        assertThat(journal.load()).containsExactly(lease);
    }
}
