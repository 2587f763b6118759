// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.history;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What is left of a record when its process is killed with SIGKILL.
class KilledMarketTest {
    private static final int KILLS = Boolean.getBoolean("sparegrid.full") ? 50 : 4;

    @TempDir private Path temporary;

    @Test
    void leavesWhatCanBeReplayed() throws Exception {
        RecordFolder folder = new RecordFolder(temporary.resolve("record"));
        for (int kill = 1; kill <= KILLS; kill++) {
            live(folder);
            Outcome outcome = Outcome.of(folder);
            assertThat(outcome.different).isEmpty();
            assertThat(outcome.result.faults()).isEmpty();
            assertThat(outcome.result.notes())
                    .hasSizeLessThanOrEqualTo(kill)
                    .allSatisfy(note -> assertThat(note).contains("the coordinator was killed"));
            assertThat(outcome.same).isNotEmpty();
        }
    }

    private void live(RecordFolder folder) throws IOException, InterruptedException {
        long before = size(folder);
        Process process =
                new ProcessBuilder(
                                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                                "-cp",
                                System.getProperty("java.class.path"),
                                KilledMarket.class.getName(),
                                folder.path().toString())
                        .redirectErrorStream(true)
                        .redirectOutput(temporary.resolve("log").toFile())
                        .start();
        try {
            long wanted = before + (100 << 10) + RandomGenerator.getDefault().nextInt(1 << 20);
            for (int i = 0; newest(folder) < wanted && i < 3000; i++) {
                assertThat(process.isAlive()).as(() -> read(temporary.resolve("log"))).isTrue();
                Thread.sleep(10);
                if (newest(folder) > before) {
                    wanted -= 4 << 10; // old files go, so that it may never be reached
                }
            }
        } finally {
            process.destroyForcibly().waitFor(10, TimeUnit.SECONDS);
        }
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException unreadable) {
            return unreadable.toString();
        }
    }

    private static long newest(RecordFolder folder) {
        try {
            return size(folder);
        } catch (IOException changing) {
            return 0;
        }
    }

    private static long size(RecordFolder folder) throws IOException {
        long sum = 0;
        for (Path file : folder.files()) {
            sum += Files.size(file);
        }
        return sum;
    }
}
