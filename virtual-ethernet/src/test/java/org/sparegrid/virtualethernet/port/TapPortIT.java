// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet.port;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.sparegrid.testsupport.Command;

/// A TAP device and the user-space host against the kernel's own network, in a namespace.
@Tag("root")
class TapPortIT {
    private final String namespace = "sgtap" + ProcessHandle.current().pid();
    private final String device = "sgt" + ProcessHandle.current().pid() % 100_000;

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void talksWithTheKernelThroughOnePercentLoss(boolean offloads) throws Exception {
        Command.run("ip", "netns", "add", namespace);
        try {
            inside("ip", "link", "set", "lo", "up");
            inside("nft", "add", "table", "inet", "loss");
            for (String hook : List.of("input", "output")) {
                String rule = "{ type filter hook " + hook + " priority 0 ; }";
                inside("nft", "add", "chain", "inet", "loss", hook, rule);
                String side = hook.equals("input") ? "iifname" : "oifname";
                inside(
                        "nft",
                        "add",
                        "rule",
                        "inet",
                        "loss",
                        hook,
                        side,
                        device,
                        "ip",
                        "protocol",
                        "tcp",
                        "numgen",
                        "random",
                        "mod",
                        "100",
                        "==",
                        "0",
                        "counter",
                        "drop");
            }
            String output = scenario(TapScenario.class, device, "" + offloads);
            assertThat(output)
                    .contains("ping=true", "kernelPing=true", "refused=true", "silent=true")
                    .contains("halfCloseUp=true", "halfCloseDown=true", "echo=true")
                    .doesNotContain("Broken", "false");
            assertThat(inside("ip", "-brief", "link")).doesNotContain(device);
            assertThat(inside("nft", "list", "chain", "inet", "loss", "input"))
                    .doesNotContain("packets 0 ");
        } finally {
            Command.run("ip", "netns", "delete", namespace);
        }
    }

    @Test
    void tellsTheKernelOfNeighboursAndAsksItForGroups() throws Exception {
        Command.run("ip", "netns", "add", namespace);
        try {
            // Java takes a system for one without IPv6 where no interface has an address.
            inside("ip", "link", "set", "lo", "up");
            assertThat(scenario(GroupScenario.class, device))
                    .contains("mtu=1300", "neighbour=true")
                    .contains("joined=true", "answered=true", "left=true");
        } finally {
            Command.run("ip", "netns", "delete", namespace);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void reachesTheMachinesOwnPortsPastTheSwitch(boolean offloads) throws Exception {
        Command.run("ip", "netns", "add", namespace);
        try {
            inside("ip", "link", "set", "lo", "up");
            assertThat(scenario(NearScenario.class, device, "" + offloads))
                    .contains("early=true", "refused=true", "echo=true", "late=true")
                    .contains("peer=0")
                    .doesNotContain("Broken");
        } finally {
            Command.run("ip", "netns", "delete", namespace);
        }
    }

    private String scenario(Class<?> program, String... arguments) throws Exception {
        return inside(
                Stream.concat(
                                Stream.of(
                                        Path.of(System.getProperty("java.home"), "bin", "java")
                                                .toString(),
                                        "--enable-native-access=ALL-UNNAMED",
                                        "-cp",
                                        System.getProperty("java.class.path"),
                                        program.getName()),
                                Stream.of(arguments))
                        .toArray(String[]::new));
    }

    private String inside(String... program) throws Exception {
        String[] words = new String[program.length + 4];
        System.arraycopy(new String[] {"ip", "netns", "exec", namespace}, 0, words, 0, 4);
        System.arraycopy(program, 0, words, 4, program.length);
        return Command.run(words);
    }
}
