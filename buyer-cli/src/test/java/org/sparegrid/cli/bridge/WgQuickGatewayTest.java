// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.cli.bridge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.sparegrid.cli.client.Coordinator;
import org.sparegrid.cli.fake.FakeCoordinator;
import org.sparegrid.cli.fake.FakeCoordinator.Reply;
import org.sparegrid.protocol.MemberId;
import org.sparegrid.protocol.NetworkId;
import org.sparegrid.protocol.api.NetworkJoin;
import org.sparegrid.protocol.api.NetworkJoined;
import org.sparegrid.protocol.market.NetworkMember;
import org.sparegrid.protocol.market.NetworkView;

class WgQuickGatewayTest {
    private static final NetworkId NETWORK = new NetworkId("net-abcdefghijkl");
    private static final MemberId SELF = new MemberId("mem-aaaaaaaaaaaa");

    @TempDir private Path folder;

    private static NetworkView view(long version, String key) {
        return new NetworkView(
                NETWORK,
                version,
                "job",
                77,
                "10.77.3.0/24",
                "10.77.3.1",
                "job.grid.internal",
                1370,
                false,
                List.of(
                        new NetworkMember(
                                SELF,
                                "gateway",
                                NetworkMember.Kind.HOST,
                                key,
                                "198.19.0.2",
                                "02:00:00:00:00:02",
                                "10.77.3.2",
                                List.of("192.0.2.9:51820"),
                                false)),
                List.of());
    }

    @Test
    void aFileIsEnoughToRenewItself() throws Exception {
        AtomicReference<NetworkJoin> asked = new AtomicReference<>();
        Path file = folder.resolve("sgjob.conf");
        try (FakeCoordinator fake = FakeCoordinator.open()) {
            fake.on(
                    "PUT /v1/networks/.*",
                    request -> {
                        NetworkJoin join = request.as(NetworkJoin.class);
                        asked.set(join);
                        return Reply.of(200, new NetworkJoined(SELF, view(1, join.publicKey())));
                    });
            Coordinator coordinator = Coordinator.at(fake.settings(), Optional.of("secret"));
            WgQuickGateway made =
                    WgQuickGateway.join(
                            coordinator, NETWORK, "gateway", "192.0.2.9:51820", "br0", file);
            assertThat(asked.get().endpoints()).containsExactly("192.0.2.9:51820");
            String text = Files.readString(file);
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                    .isEqualTo("rw-------");
            WgQuickGateway read = WgQuickGateway.read(file);
            assertThat(read.member()).isEqualTo(SELF);
            assertThat(read.keys().publicKey()).isEqualTo(made.keys().publicKey());
            read.write(view(2, asked.get().publicKey()));
            assertThat(Files.readString(file)).isEqualTo(text).contains("ListenPort = 51820");
            assertThat(read.toString()).doesNotContain("PrivateKey");
        }
    }

    @Test
    void refusesFilesOfOthers() throws IOException {
        Path other = Files.writeString(folder.resolve("wg0.conf"), "[Interface]\n");
        assertThatThrownBy(() -> WgQuickGateway.read(other))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("not written by sparegrid");
        assertThatThrownBy(() -> WgQuickGateway.read(folder.resolve("x")))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
