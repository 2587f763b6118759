// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.trade;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.sparegrid.coordinator.operation.Caller;
import org.sparegrid.protocol.AccountId;
import org.sparegrid.protocol.Credits;
import org.sparegrid.protocol.LeaseId;
import org.sparegrid.protocol.api.OrderRequest;
import org.sparegrid.protocol.control.CoordinatorMessage.KeepCheckpoints;
import org.sparegrid.protocol.market.Checkpoints;
import org.sparegrid.protocol.market.LeaseProgress;
import org.sparegrid.protocol.market.OrderSpec;
import org.sparegrid.protocol.market.VolumeUse;

/// The agent hears of checkpoints whenever it may have forgotten them.
class CheckpointOrderTest {
    private static final Checkpoints WANTED = new Checkpoints(600, FakeAgent.key(7));

    @TempDir private Path folder;
    private MarketFixture fixture;
    private AccountId buyer;
    private FakeAgent agent;

    @BeforeEach
    void open() throws IOException {
        fixture = new MarketFixture(folder);
        buyer = fixture.register("buyer@example.org");
        fixture.give(buyer, "10");
        AccountId owner = fixture.register("owner@example.org");
        agent = new FakeAgent(fixture.enrol(owner, 1), "0.1", 2).connect(fixture.market());
    }

    @AfterEach
    void close() {
        fixture.close();
    }

    private LeaseId order(Checkpoints checkpoints) {
        OrderSpec spec =
                MarketFixture.request("blue", fixture.image(buyer, "bytes"), 1, 3600).spec();
        OrderSpec asked =
                new OrderSpec(
                        spec.name(),
                        spec.image(),
                        spec.machines(),
                        spec.size(),
                        spec.pricePerHourMax(),
                        spec.secondsMax(),
                        spec.emulationAllowed(),
                        spec.authorizedKeys(),
                        spec.placement(),
                        spec.where(),
                        checkpoints,
                        VolumeUse.NONE,
                        0);
        LeaseId lease =
                fixture.market()
                        .order(
                                new Caller.Person(buyer),
                                new OrderRequest(asked, Credits.MAX, false),
                                "")
                        .leases()
                        .getFirst()
                        .id();
        agent.run(fixture.market(), lease, 1);
        return lease;
    }

    private List<KeepCheckpoints> told() {
        return agent.told(KeepCheckpoints.class);
    }

    @Test
    void tellsTheKeyOnceTheLeaseIsTakenAndAgainAfterTheAgentDied() throws IOException {
        LeaseId lease = order(WANTED);
        assertThat(told()).containsExactly(new KeepCheckpoints(lease, WANTED));

        agent.forget();
        agent.disconnect(fixture.market());
        agent.connect(
                fixture.market(), FakeAgent.report(lease, LeaseProgress.Phase.ON_NETWORK, 1, 1000));
        assertThat(told()).contains(new KeepCheckpoints(lease, WANTED));

        agent.forget();
        fixture.restart();
        agent.connect(
                fixture.market(), FakeAgent.report(lease, LeaseProgress.Phase.ON_NETWORK, 1, 1000));
        assertThat(told()).contains(new KeepCheckpoints(lease, WANTED));
    }

    @Test
    void tellsNothingIfNoneAreWanted() {
        order(Checkpoints.NONE);
        assertThat(told()).isEmpty();
    }
}
