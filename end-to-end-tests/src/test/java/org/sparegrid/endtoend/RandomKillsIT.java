// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.endtoend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.sparegrid.endtoend.Deployment.await;
import static org.sparegrid.endtoend.Deployment.field;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.sparegrid.protocol.Credits;
import org.sparegrid.testsupport.Command;

/// kill -9 at random points of leases' lives, in the middle of coming back from the kill before
/// among them. Whatever runs goes on or comes back from its checkpoint, what is lost is told,
/// nothing of a lease is left, and the bill is what its guest really ran.
///
/// The guest is iPXE, which takes its address again and again. Only in `bin/test --full`, as 100
/// kills take most of an hour; `WholeJobIT` has one of each that a guest outlives.
@Tag("root")
@Tag("vm")
@EnabledIfSystemProperty(named = "sparegrid.full", matches = "true")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class RandomKillsIT {
    /// A hundredth for each second.
    static final String PRICE = "36";

    private static final Path IPXE = Path.of("/usr/lib/ipxe/ipxe.iso");
    private static final int KILLS = Integer.getInteger("test.kills", 100);

    private final long seed = Long.getLong("test.seed", System.nanoTime());
    private final Random random = new Random(seed);
    private final KillTable table = new KillTable();
    private Deployment deployment;
    private SellerFiles seller;

    private interface Steps {
        void run() throws Exception;
    }

    @BeforeAll
    void deploy() throws Exception {
        System.out.println("kills: seed " + seed);
        assertThat(IPXE).as("Debian's package ipxe").exists();
        deployment = new Deployment();
        seller = new SellerFiles(deployment);
    }

    @AfterAll
    void remove() throws Exception {
        deployment.close();
    }

    @Test
    void nothingIsLeftAndTheBillsAreRight() throws Exception {
        orTell(() -> {
            liveAndBeKilled(openMarket());
            table.print();
        });
    }

    private Killer openMarket() throws Exception {
        deployment.openMarket(
                "sell-emulated=true",
                "price-per-hour=" + PRICE,
                "memory=512 MiB",
                "meter-interval=1 s",
                "mode=always");
        Killer killer = new Killer(deployment, seller, random);
        deployment.buyer("buyer", "wallet", "deposit", "1000").orFail();
        deployment.push(guest(deployment), "ipxe");
        deployment.awaitOffer(PRICE);
        seller.remember();
        return killer;
    }

    /// Debian's iPXE with a script that takes an address again whenever that failed.
    static Path guest(Deployment deployment) throws Exception {
        return guest(deployment, "sleep 5\ngoto again\n");
    }

    /// The same, which then goes on with the lines given.
    static Path guest(Deployment deployment, String then) throws Exception {
        Path script = deployment.home("buyer").resolve("again.ipx");
        Files.writeString(script, "#!ipxe\n:again\ndhcp || goto again\n" + then);
        Path menu = deployment.home("buyer").resolve("isolinux.cfg");
        Files.writeString(
                menu, "DEFAULT again\nLABEL again\n KERNEL ipxe.krn\n INITRD again.ipx\n");
        Path iso = deployment.home("buyer").resolve("again.iso");
        Command.run(
                "xorriso",
                "-indev",
                IPXE.toString(),
                "-outdev",
                iso.toString(),
                "-boot_image",
                "any",
                "replay",
                "-map",
                menu.toString(),
                "/isolinux.cfg",
                "-map",
                script.toString(),
                "/again.ipx");
        return iso;
    }

    /// What fails is told with the random numbers' seed and what agent and coordinator said last.
    private void orTell(Steps steps) throws Exception {
        try {
            steps.run();
        } catch (Exception | AssertionError failed) {
            throw new AssertionError(
                    ("seed %d (-Dtest.seed), after %d kills: %s%nleft: %s%n"
                                    + "%s%nagent:%n%s%ncoordinator:%n%s")
                            .formatted(
                                    seed,
                                    table.size(),
                                    failed.getMessage(),
                                    seller.left(),
                                    deployment.seller("vms").output(),
                                    deployment.logTail("seller"),
                                    deployment.logTail("coordinator")),
                    failed);
        }
    }

    private void liveAndBeKilled(Killer killer) throws Exception {
        Credits charged = Credits.ZERO;
        for (int life = 1; table.size() < KILLS; life++) {
            KilledLife next = new KilledLife(deployment, seller, killer, table, random, life);
            charged = charged.plus(next.live(KILLS - table.size()));
        }
        String earned =
                field(
                        deployment.buyer("seller", "wallet", "balance", "--json").orFail(),
                        "earnings");
        assertThat(Credits.parse(earned)).as("the seller's earnings").isEqualTo(charged);
        assertThat(deployment.operator("ledger", "verify").orFail()).contains("the books balance");
        assertThat(deployment.operator("market", "replay").orFail())
                .contains(" the same, 0 different, 0 can't be checked");
        killer.end();
        await(
                Duration.ofMinutes(5),
                "the last process of the seller to end",
                () -> deployment.processes("/seller/").isEmpty());
        assertThat(deployment.home("seller").resolve("r")).doesNotExist();
    }
}
