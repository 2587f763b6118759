// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.audit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.sparegrid.testsupport.Property;

class SealTest {
    /// Computed with Python's hashlib from the definition.
    @Test
    void isAsItIsDefined() {
        Seal first = Seal.NONE.next("ab", 1L);
        assertThat(first.hex())
                .isEqualTo("81bf89c2af5a8cf5438ebdcb007c7879dd76400a39ecf98d1751ee71b648279f");
        assertThat(first.next("").hex())
                .isEqualTo("283fd236d79202843a9c98716b757cb4772113d2fd513733a5e4c6267066da83");
    }

    @Test
    void tellsWhereOneFieldEnds() {
        assertThat(Seal.NONE.next("ab", "c")).isNotEqualTo(Seal.NONE.next("a", "bc"));
    }

    @Test
    void readsWhatItPrinted() {
        Known known = new Known(7, Seal.NONE.next("x"));
        assertThat(Known.parse(known.toString())).isEqualTo(known);
        assertThatThrownBy(() -> Known.parse("7:abc")).hasMessageContaining("NUMBER:SEAL");
    }

    /// Any one change of any record is found; a forger who seals all anew is found by a noted seal.
    @Test
    void findsAnyChange() {
        Property.holds(
                500,
                random -> {
                    List<String> texts = new ArrayList<>();
                    for (int i = 0; i < 2 + random.nextInt(20); i++) {
                        texts.add("text " + random.nextInt());
                    }
                    List<String> seals = seals(texts);
                    Known noted = new Known(texts.size(), new Seal(seals.getLast()));
                    assertThat(walk(texts, seals, noted).faults()).isEmpty();
                    int at = random.nextInt(texts.size());
                    List<String> changed = new ArrayList<>(texts);
                    changed.set(at, "forged");
                    assertThat(walk(changed, seals, noted).faults()).hasSize(1);
                    assertThat(walk(changed, seals(changed), noted).faults()).hasSize(1);
                    List<String> shorter = new ArrayList<>(texts);
                    shorter.remove(at);
                    assertThat(walk(shorter, seals(shorter), noted).faults()).hasSize(1);
                });
    }

    private static List<String> seals(List<String> texts) {
        List<String> seals = new ArrayList<>();
        Seal seal = Seal.NONE;
        for (String text : texts) {
            seal = seal.next(text);
            seals.add(seal.hex());
        }
        return seals;
    }

    private static Finding walk(List<String> texts, List<String> seals, Known noted) {
        Walk walk = new Walk("record", Optional.of(noted));
        for (int i = 0; i < texts.size(); i++) {
            walk.next(i + 1, seals.get(i), texts.get(i));
        }
        return walk.end();
    }
}
