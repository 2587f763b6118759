// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.diagnosis;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.LoggingEvent;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AgentLogTest {
    @TempDir private Path folder;

    @Test
    void showsTheLastLinesAcrossFiles() throws Exception {
        Files.writeString(folder.resolve("agent.2.log"), "1\n2\n");
        Files.writeString(folder.resolve("agent.1.log"), "3\n4\n");
        Files.writeString(folder.resolve("agent.log"), "5\n");
        AgentLog log = new AgentLog(folder);
        assertThat(log.last(4)).isEqualTo(List.of("2", "3", "4", "5"));
        assertThat(log.last(1)).isEqualTo(List.of("5"));
        assertThat(log.last(99)).hasSize(5);
        assertThat(log.last(0)).isEmpty();
    }

    @Test
    void hasNoLinesBeforeTheFirstRun() throws Exception {
        assertThat(new AgentLog(folder).last(10)).isEmpty();
        assertThat(new AgentLog(folder).end()).isZero();
        assertThat(new AgentLog(folder).copyFrom(0, new ByteArrayOutputStream())).isZero();
    }

    @Test
    void followsIntoTheNextFile() throws Exception {
        Path newest = folder.resolve("agent.log");
        AgentLog log = new AgentLog(folder);
        Files.writeString(newest, "old\n");
        long place = log.end();
        Files.writeString(newest, "old\nnew\n");
        ByteArrayOutputStream seen = new ByteArrayOutputStream();
        place = log.copyFrom(place, seen);
        Files.move(newest, folder.resolve("agent.1.log"));
        place = log.copyFrom(place, seen);
        Files.writeString(newest, "x\n");
        place = log.copyFrom(place, seen);
        assertThat(seen.toString(StandardCharsets.UTF_8)).isEqualTo("new\nx\n");
        assertThat(place).isEqualTo(2);
    }

    @Test
    void takesAtMostTenMebibytesHoweverMuchIsNoted() throws Exception {
        Process noisy =
                new ProcessBuilder(
                                Path.of(System.getProperty("java.home"), "bin/java").toString(),
                                "-XX:TieredStopAtLevel=1",
                                "-cp",
                                System.getProperty("java.class.path"),
                                Noise.class.getName(),
                                folder.toString())
                        .redirectErrorStream(true)
                        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                        .start();
        assertThat(noisy.waitFor()).isZero();
        Map<String, Long> sizes = new TreeMap<>();
        try (var files = Files.newDirectoryStream(folder)) {
            for (Path file : files) {
                sizes.put(file.getFileName().toString(), Files.size(file));
            }
        }
        assertThat(sizes)
                .containsOnlyKeys(
                        "agent.log", "agent.1.log", "agent.2.log", "agent.3.log", "agent.4.log");
        assertThat(sizes.values()).allMatch(size -> size <= (2 << 20) + Noise.LINE.length() + 100);
        assertThat(new AgentLog(folder).last(1).getFirst())
                .matches("[0-9-]{10}T[0-9:]{8}[.][0-9]{3}Z INFO  noise line=399 x+");
    }

    @Test
    void notesWhatWasThrownBelowItsLine() {
        LoggingEvent event =
                new LoggingEvent(
                        "",
                        new LoggerContext().getLogger("org.sparegrid.agent"),
                        Level.ERROR,
                        "message not handled",
                        new IllegalStateException("why"),
                        new Object[0]);
        event.setInstant(Instant.parse("2026-11-22T09:08:07.5Z"));
        assertThat(new String(new LogSetup.Line().encode(event), StandardCharsets.UTF_8).lines())
                .startsWith(
                        "2026-11-22T09:08:07.500Z ERROR message not handled",
                        "java.lang.IllegalStateException: why")
                .hasSizeGreaterThan(3)
                .element(2)
                .asString()
                .startsWith("\tat org.sparegrid.agent.diagnosis.AgentLogTest.");
    }

    /// A program that notes 25 MiB as the agent does.
    static final class Noise {
        static final String LINE = "x".repeat(1 << 16);

        public static void main(String[] arguments) {
            System.Logger log = System.getLogger("org.sparegrid.agent.noise");
            log.log(System.Logger.Level.INFO, "before the files are known");
            new AgentLog(Path.of(arguments[0])).begin();
            for (int i = 0; i < 400; i++) {
                String text = "noise line=" + i + " " + LINE;
                log.log(System.Logger.Level.INFO, () -> text);
            }
        }
    }
}
