// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.endtoend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.sparegrid.endtoend.Deployment.await;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/// A guest that starts anew as soon as it is on its network: its lease ends after the fifth time,
/// and nothing of it is left.
@Tag("root")
@Tag("vm")
@EnabledIfSystemProperty(named = "sparegrid.full", matches = "true")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class RestartLoopIT {
    private static final String PRICE = "36";

    private Deployment deployment;
    private SellerFiles seller;
    private Process agent;

    @BeforeAll
    void deploy() throws Exception {
        deployment = new Deployment();
        seller = new SellerFiles(deployment);
        deployment.openMarket(
                "sell-emulated=true",
                "price-per-hour=" + PRICE,
                "memory=512 MiB",
                "meter-interval=1 s",
                "mode=always");
        agent = deployment.startAgent();
        deployment.push(RandomKillsIT.guest(deployment, "reboot\n"), "loop");
        deployment.buyer("buyer", "wallet", "deposit", "1000").orFail();
        deployment.awaitOffer(PRICE);
        seller.remember();
    }

    @AfterAll
    void remove() throws Exception {
        deployment.close();
    }

    @Test
    void aGuestThatStartsAnewTooOftenEndsItsLease() throws Exception {
        String words =
                "run loop --name job --memory 512MiB --for 1h --allow-emulation --yes --detach";
        deployment.buyer("buyer", words.split(" ", -1)).orFail();
        await(Duration.ofMinutes(3), "the guest", () -> !seller.guests().isEmpty());
        long guest = seller.guests().getFirst().pid();
        // The same QEMU all the time: the lease ends of its new starts, not of its death.
        await(
                Duration.ofMinutes(9),
                "the end of the guest",
                () -> {
                    assertThat(seller.guests()).allMatch(process -> process.pid() == guest);
                    return seller.guests().isEmpty();
                });
        await(
                Duration.ofMinutes(1),
                "the buyer to be told why",
                () ->
                        deployment
                                .buyer("buyer", "vm", "ls", "--all", "--json")
                                .output()
                                .contains("the guest started anew 5 times within 10 minutes"));
        await(Duration.ofMinutes(1), "nothing to be left", () -> seller.left().isEmpty());
        assertThat(deployment.operator("ledger", "verify").orFail()).contains("the books balance");
        agent.destroy();
        assertThat(agent.waitFor(2, TimeUnit.MINUTES)).as("the agent ends").isTrue();
    }
}
