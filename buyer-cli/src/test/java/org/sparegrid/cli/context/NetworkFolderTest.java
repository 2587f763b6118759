// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.cli.context;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.Inet4Address;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.sparegrid.protocol.NetworkId;
import org.sparegrid.virtualethernet.network.LanLease;
import org.sparegrid.virtualethernet.network.MacAddress;

class NetworkFolderTest {
    private static final Instant NOW = Instant.parse("2026-11-21T12:00:00Z");
    private static final LanLease SHORT = lease("02:00:00:00:00:01", "192.168.7.9", 600);
    private static final LanLease LONG = lease("02:00:00:00:00:02", "192.168.7.10", 6000);

    @TempDir private Path home;

    private static LanLease lease(String mac, String address, long seconds) {
        return new LanLease(
                MacAddress.parse(mac),
                Inet4Address.ofLiteral(address),
                Duration.ofSeconds(seconds));
    }

    private NetworkFolder folder() throws Exception {
        NetworkFolder folder =
                Context.of(Map.of("SPAREGRID_HOME", home.toString()))
                        .network(new NetworkId("net-abcdefghijkl"));
        folder.make();
        return folder;
    }

    @Test
    void keepsLeasesForAsLongAsTheyHold() throws Exception {
        NetworkFolder folder = folder();
        assertThat(folder.leases(NOW)).isEmpty();
        folder.keep(List.of(SHORT, LONG), NOW);
        assertThat(folder.leases(NOW)).containsExactly(SHORT, LONG);
        assertThat(folder.leases(NOW.plusSeconds(601)))
                .containsExactly(lease("02:00:00:00:00:02", "192.168.7.10", 5399));
        folder.keep(List.of(), NOW);
        assertThat(folder.leases(NOW)).isEmpty();
    }

    @Test
    void beginsAnewAfterADamagedFile() throws Exception {
        NetworkFolder folder = folder();
        for (String damaged :
                List.of(
                        "",
                        "{}",
                        "{\"leases\":[{\"mac\":\"x\",\"address\":\"1.2.3.4\","
                                + "\"until\":\"2027-01-01T00:00:00Z\"}]}")) {
            Files.writeString(folder.folder().resolve("leases.json"), damaged);
            assertThat(folder.leases(NOW)).isEmpty();
        }
        folder.keep(List.of(LONG), NOW);
        assertThat(folder.leases(NOW)).containsExactly(LONG);
    }
}
