// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.cli.command;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.sparegrid.protocol.market.LeaseProgress;
import org.sparegrid.protocol.market.LeaseState;

class WordsTest {
    @ParameterizedTest
    @CsvSource({"100, running", "25, slowed to 25 %", "0, 'held, unpaid'"})
    void tellsTheBuyerWhatTheSellerLetsRun(int percent, String words) {
        assertThat(
                        Words.state(
                                Samples.lease(
                                        "node1", LeaseState.RUNNING, LeaseProgress.held(percent))))
                .isEqualTo(words);
    }
}
