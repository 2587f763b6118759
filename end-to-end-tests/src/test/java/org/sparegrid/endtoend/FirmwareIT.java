// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.endtoend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.sparegrid.endtoend.Deployment.await;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.sparegrid.testsupport.Command;

/// Discs that have nothing in common start with BIOS and with UEFI, and leave nothing behind.
@Tag("root")
@Tag("vm")
@EnabledIfSystemProperty(named = "sparegrid.full", matches = "true")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class FirmwareIT {
    private static final String PRICE = "36";
    private static final String BIOS_SAYS = "SeaBIOS (version ";
    private static final String UEFI_SAYS = "BdsDxe: starting Boot";
    private static final Duration BOOT_MAX = Duration.ofMinutes(8);

    private Deployment deployment;
    private SellerFiles seller;
    private Process agent;
    private Path discs;

    @BeforeAll
    void deploy() throws Exception {
        String base = System.getenv("SPAREGRID_BASE_ISO");
        assertThat(base).as("SPAREGRID_BASE_ISO names the base live CD").isNotNull();
        deployment = new Deployment();
        seller = new SellerFiles(deployment);
        discs = deployment.home("buyer");
        Command.run(Path.of("discs/build").toAbsolutePath().toString(), discs.toString());
        Command.run("cp", base, discs.resolve("base.iso").toString());
        deployment.openMarket(
                "sell-emulated=true",
                "price-per-hour=" + PRICE,
                "memory=768 MiB",
                "meter-interval=1 s",
                "mode=always");
        agent = deployment.startAgent();
        deployment.buyer("buyer", "wallet", "deposit", "1000").orFail();
        deployment.awaitOffer(PRICE);
        seller.remember();
    }

    @AfterAll
    void remove() throws Exception {
        deployment.close();
    }

    @Test
    @Order(1)
    void aDiscIsNotPushedForAFirmwareThatCanNotStartIt() throws Exception {
        String words = "image push " + discs.resolve("rescue.iso") + " --boot uefi";
        Command.Result refused = deployment.buyer("buyer", words.split(" ", -1));
        assertThat(refused.exitCode()).isEqualTo(2);
        assertThat(refused.output()).contains("--boot: expected BIOS, which the image can start");
    }

    /// What the disc's own program says on the console, after the firmware that it was given.
    @ParameterizedTest
    @Order(2)
    @CsvSource(
            delimiter = '|',
            value = {
                "rescue    | BIOS | GNU GRUB",
                "shell     | UEFI | iPXE initialising devices",
                "installer | BIOS | Entering low memory mode",
                "installer | UEFI | Entering low memory mode",
                "base      | UEFI | login:",
            })
    void aDiscStarts(String disc, String firmware, String says) throws Exception {
        String name = disc + "-" + firmware.toLowerCase(Locale.ROOT);
        deployment.push(discs.resolve(disc + ".iso"), name, "--boot", firmware);
        String words =
                "run "
                        + name
                        + " --memory 768MiB --for 1h --allow-emulation --yes --detach --name "
                        + name;
        deployment.buyer("buyer", words.split(" ", -1)).orFail();
        await(
                BOOT_MAX,
                says,
                () -> {
                    // Each look starts a program, which would slow the guest down.
                    TimeUnit.SECONDS.sleep(3);
                    return console(name).contains(says);
                });
        assertThat(console(name))
                .contains(firmware.equals("UEFI") ? UEFI_SAYS : BIOS_SAYS)
                .doesNotContain(firmware.equals("UEFI") ? BIOS_SAYS : UEFI_SAYS);
        deployment.buyer("buyer", "order", "stop", name, "--wait").orFail();
        await(Duration.ofMinutes(1), "nothing to be left", () -> seller.left().isEmpty());
    }

    private String console(String order) throws Exception {
        return deployment.buyer("buyer", "vm", "logs", "node1." + order).output();
    }

    @Test
    @Order(3)
    void theBooksBalance() throws Exception {
        assertThat(deployment.operator("ledger", "verify").orFail()).contains("the books balance");
        agent.destroy();
        assertThat(agent.waitFor(2, TimeUnit.MINUTES)).as("the agent ends").isTrue();
    }
}
