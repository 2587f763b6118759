// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.introduction;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.sparegrid.testsupport.Property;

class AddressPlanTest {
    private static final AddressPlan.Range ALL = AddressPlan.Range.parse("10.77.0.0/16");

    @Test
    void givesTheFirstFreeSubnet() {
        AddressPlan.Range first = AddressPlan.subnet(ALL, 2, List.of()).orElseThrow();
        assertThat(first).hasToString("10.77.0.0/24");
        assertThat(AddressPlan.subnet(ALL, 2, List.of(first)).orElseThrow())
                .hasToString("10.77.1.0/24");
        assertThat(first.host(1)).isEqualTo("10.77.0.1");
        assertThat(first.host(AddressPlan.FIRST_MACHINE)).isEqualTo("10.77.0.11");
    }

    @Test
    void givesALargeOrderALargeSubnetBesideSmallOnes() {
        AddressPlan.Range small = AddressPlan.subnet(ALL, 2, List.of()).orElseThrow();
        AddressPlan.Range large = AddressPlan.subnet(ALL, 256, List.of(small)).orElseThrow();
        assertThat(large).hasToString("10.77.4.0/22");
        assertThat(large.host(AddressPlan.FIRST_MACHINE + 255)).isEqualTo("10.77.5.10");
    }

    @Test
    void saysWhenTheRangeIsUsedUp() {
        List<AddressPlan.Range> used = new ArrayList<>();
        for (int i = 0; i < 256; i++) {
            used.add(AddressPlan.subnet(ALL, 1, used).orElseThrow());
        }
        assertThat(AddressPlan.subnet(ALL, 1, used)).isEmpty();
        assertThat(AddressPlan.subnet(AddressPlan.Range.parse("10.1.2.0/25"), 1, List.of()))
                .isEmpty();
    }

    @Test
    void makesAddressesThatAreUniqueAndLocallyAdministered() {
        assertThat(AddressPlan.tunnel(300)).isEqualTo("198.19.1.44");
        assertThat(AddressPlan.mac(0x123456, 11)).isEqualTo("02:12:34:56:00:0b");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "10.77.0.0",
                "10.77.0.1/16",
                "10.77.0.0/33",
                "256.0.0.0/16",
                "10.0.0.0/7"
            })
    void refusesWhatIsNoRange(String text) {
        assertThatThrownBy(() -> AddressPlan.Range.parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("range: expected ");
    }

    @Test
    void neverGivesAComputerAMachinesAddressNorOneTwice() {
        Property.holds(
                200,
                random -> {
                    int machines = 1 + random.nextInt(256);
                    AddressPlan.Range subnet =
                            AddressPlan.subnet(ALL, machines, List.of()).orElseThrow();
                    Set<Integer> used = new HashSet<>();
                    for (int i = 0; i < 40; i++) {
                        int number = AddressPlan.computer(subnet, machines, used).orElseThrow();
                        assertThat(used.add(number)).isTrue();
                        assertThat(number).isGreaterThan(1);
                        assertThat(
                                        number < AddressPlan.FIRST_MACHINE
                                                || number >= AddressPlan.FIRST_MACHINE + machines)
                                .isTrue();
                    }
                });
    }
}
