// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.neighbour;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.sparegrid.imagetools.chunk.Sha256Digest;

class StandingTest {
    private static final long MILLI = 1_000_000;

    private final Standing standing = new Standing();

    @Test
    void leavesAtOnceWhoGivesSomethingElse() {
        standing.gave();
        standing.wrong("it gave something else than chunk 00");
        standing.gave();
        assertThat(standing.left()).contains("it gave something else than chunk 00");
    }

    @Test
    void leavesAfterThreeFailuresInARow() {
        for (int i = 0; i < 10; i++) {
            standing.failed("it hung up");
            standing.failed("it hung up");
            standing.gave();
        }
        assertThat(standing.left()).isEmpty();
        standing.failed("it hung up");
        standing.failed("it hung up");
        standing.failed("it took too long");
        assertThat(standing.left()).contains("it took too long");
    }

    @Test
    void leavesWhoNeverFetchesItsPartButNotWhoLacksWhatIsNot() {
        for (int i = 0; i < 100; i++) {
            standing.refused(false);
        }
        assertThat(standing.left()).isEmpty();
        for (int i = 0; i < Standing.REFUSALS_MAX; i++) {
            standing.refused(true);
        }
        assertThat(standing.left()).isPresent();
    }

    @Test
    void leavesWhoIsSlowerThanTheStoreForAGuestThatWaits() {
        for (int i = 0; i < 1000; i++) {
            standing.waited(190 * MILLI, 100 * MILLI);
        }
        assertThat(standing.left()).as("it fetches from the same store").isEmpty();
        int times = 0;
        while (standing.left().isEmpty()) {
            standing.waited(490 * MILLI, 100 * MILLI);
            times++;
        }
        assertThat(times).as("0.29 s each, 10 s in all").isBetween(34, 36);
    }

    @Test
    void forgivesWhoIsQuickMostly() {
        for (int i = 0; i < 1000; i++) {
            standing.waited(500 * MILLI, 100 * MILLI);
            for (int quick = 0; quick < 4; quick++) {
                standing.waited(5 * MILLI, 100 * MILLI);
            }
        }
        assertThat(standing.left()).isEmpty();
    }

    @Test
    void eachChunkHasOneWhoFetchesItAndAllHaveTheirPart() {
        List<String> circle = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            circle.add(Sha256Digest.ofContent(new byte[] {1, (byte) i}).toString());
        }
        Map<String, Integer> parts = new HashMap<>();
        int moved = 0;
        for (int i = 0; i < 8000; i++) {
            Sha256Digest chunk = Sha256Digest.ofContent(new byte[] {2, (byte) (i >> 8), (byte) i});
            List<String> seen = new ArrayList<>(circle);
            Collections.rotate(seen, i);
            String first = seen.stream().min(Rank.of(chunk)).orElseThrow();
            assertThat(circle.stream().min(Rank.of(chunk))).contains(first);
            parts.merge(first, 1, Integer::sum);
            List<String> without = new ArrayList<>(circle);
            without.remove(7);
            String next = without.stream().min(Rank.of(chunk)).orElseThrow();
            moved += next.equals(first) ? 0 : 1;
            if (!next.equals(first)) {
                assertThat(first).as("only the part of who left moves").isEqualTo(circle.get(7));
            }
        }
        assertThat(parts.values()).allMatch(part -> part > 800 && part < 1200).hasSize(8);
        assertThat(moved).isEqualTo(parts.get(circle.get(7)));
    }
}
