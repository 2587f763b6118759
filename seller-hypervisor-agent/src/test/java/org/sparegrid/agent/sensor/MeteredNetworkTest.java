// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.sensor;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.sparegrid.agent.desktop.FakeBus;

class MeteredNetworkTest {
    @TempDir Path folder;

    /// Source: NMMetered in the reference of NetworkManager 1.42.
    @ParameterizedTest
    @CsvSource({"0, false", "1, true", "2, false", "3, true", "4, false"})
    void believesNetworkManagerWhetherItKnowsOrGuesses(long metered, boolean expected)
            throws Exception {
        Path socket = folder.resolve("bus");
        try (FakeBus bus = new FakeBus(socket)) {
            bus.answer("Metered", metered);

            assertThat(MeteredNetwork.isMetered(socket)).isEqualTo(expected);
        }
    }

    @Test
    void isNoneWhereNobodyKnows() throws Exception {
        Path socket = folder.resolve("bus");
        try (FakeBus _ = new FakeBus(socket)) {
            assertThat(MeteredNetwork.isMetered(socket)).isFalse();
        }
        assertThat(MeteredNetwork.isMetered(folder.resolve("none"))).isFalse();
    }
}
