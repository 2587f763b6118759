// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.cli.command;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.sparegrid.cli.bridge.GatewaySetup;
import org.sparegrid.cli.context.DaemonState;
import picocli.CommandLine;

class GatewayOptionsTest {
    private static GatewaySetup setup(String words) {
        String[] arguments = words.isEmpty() ? new String[0] : words.split(" ");
        return CommandLine.populateCommand(new GatewayOptions(), arguments).setup();
    }

    @ParameterizedTest
    @CsvSource({
        "'', false",
        "--relay, true",
        "--no-relay, false",
        "--nat, true",
        "--nat --no-relay, false",
        "--bridge br0, true",
        "--bridge br0 --lan-leases --no-relay, false",
    })
    void relaysIfAskedToOrIfItIsAGateway(String words, boolean relays) {
        assertThat(setup(words).relay()).isEqualTo(relays);
        assertThat(setup(String.join(" ", setup(words).arguments()))).isEqualTo(setup(words));
    }

    @ParameterizedTest
    @CsvSource({"--relay, true", "'', true", "--nat, false", "--lan-leases, false"})
    void needsNoRootToRelay(String words, boolean may) throws Exception {
        assertThat(setup(words).objection(DaemonState.USER).isEmpty()).isEqualTo(may);
    }
}
