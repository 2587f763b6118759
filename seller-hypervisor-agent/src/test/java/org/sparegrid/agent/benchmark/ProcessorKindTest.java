// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.benchmark;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.sparegrid.protocol.Credits;
import org.sparegrid.protocol.market.AskTraits;
import org.sparegrid.protocol.market.VolumeOffer;
import org.sparegrid.protocol.market.WeekHours;

class ProcessorKindTest {
    @Test
    void namesVendorFamilyAndModel() {
        List<String> lines =
                List.of(
                        "processor\t: 0",
                        "vendor_id\t: GenuineIntel",
                        "cpu family\t: 6",
                        "model\t\t: 158",
                        "model name\t: Intel(R) Core(TM) i7",
                        "vendor_id\t: Other");
        assertThat(ProcessorKind.of(lines)).isEqualTo("genuineintel-6-158");
    }

    @Test
    void isEmptyWhereLinuxDoesNotSay() {
        assertThat(ProcessorKind.of(List.of("processor\t: 0", "BogoMIPS\t: 48.00"))).isEmpty();
    }

    @Test
    void isAValueThatAnAskMayHave() {
        String vendor = "vendor_id : Ünix / " + "x".repeat(60);
        String kind = ProcessorKind.of(List.of(vendor, "cpu family : 6", "model : 1"));
        assertThat(
                        new AskTraits(
                                        "",
                                        kind,
                                        0,
                                        0,
                                        Credits.ZERO,
                                        false,
                                        "",
                                        WeekHours.ALL,
                                        VolumeOffer.NONE)
                                .hardware())
                .hasSize(40);
    }
}
