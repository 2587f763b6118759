// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.status;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.sparegrid.agent.network.NetworkSurvey;
import org.sparegrid.virtualethernet.capture.Capture;
import org.sparegrid.virtualethernet.check.NetworkReport;
import org.sparegrid.virtualethernet.report.Echo;
import org.sparegrid.virtualethernet.report.Trace;

class StatusSocketTest {
    private static final NetworkSurvey SURVEY =
            new NetworkSurvey(
                    new NetworkReport(
                            41_777,
                            "203.0.113.2:7443",
                            true,
                            31_000,
                            "198.51.100.7:41777",
                            NetworkReport.Mapping.VARIES,
                            NetworkReport.Filtering.BY_PORT,
                            false,
                            false,
                            1500),
                    "forward the port");

    /// Knows nothing but the survey.
    private static final class Survey implements NetworkTools {
        @Override
        public NetworkSurvey survey() {
            return SURVEY;
        }

        @Override
        public GuestPeers.All peers(String lease) {
            return new GuestPeers.All(List.of());
        }

        @Override
        public Echo ping(String lease, String name, Duration timeout) throws IOException {
            throw new IOException("there is\nno " + name);
        }

        @Override
        public Trace trace(String lease, String name) throws IOException {
            throw new IOException("there is no " + name);
        }

        @Override
        public Capture capture(String lease) throws IOException {
            throw new IOException("there is no " + lease);
        }
    }

    @TempDir private Path folder = Path.of("/nonexistent");

    @Test
    void passesEachCommandOnAndAnswers() throws Exception {
        Path path = folder.resolve("a");
        assertThat(StatusSocket.survey(path)).isEmpty();
        List<OwnerCommand> heard = new CopyOnWriteArrayList<>();
        AtomicInteger restarts = new AtomicInteger();
        List<OwnerCommand> said =
                List.of(
                        new OwnerCommand.Report(),
                        new OwnerCommand.Pause(0),
                        new OwnerCommand.Pause(3600),
                        new OwnerCommand.Resume(),
                        new OwnerCommand.OnlyIdle());
        try (StatusSocket socket =
                StatusSocket.open(
                        path,
                        command -> {
                            heard.add(command);
                            return Reports.ANY;
                        },
                        new Survey(),
                        restarts::incrementAndGet)) {
            assertThat(socket).isNotNull();
            assertThat(StatusSocket.survey(path)).contains(SURVEY);
            assertThat(Files.getPosixFilePermissions(path))
                    .isEqualTo(PosixFilePermissions.fromString("rw-------"));
            for (OwnerCommand command : said) {
                assertThat(StatusSocket.ask(path, command)).contains(Reports.ANY);
            }
            NetworkQuestion question = new NetworkQuestion(path, "");
            assertThat(question.peers().guests()).isEmpty();
            assertThatThrownBy(() -> question.ping("node2", Duration.ofSeconds(1)))
                    .isInstanceOf(IOException.class)
                    .hasMessage("there is no node2");
            assertThatThrownBy(() -> new NetworkQuestion(path, "vm-x").capture())
                    .hasMessage("there is no vm-x");
            assertThat(restarts).hasValue(0);
            assertThat(StatusSocket.restart(path)).isTrue();
            for (int i = 0; i < 1000 && restarts.get() == 0; i++) {
                Thread.sleep(5);
            }
            assertThat(restarts).hasValue(1);
        }
        assertThat(heard.subList(0, said.size())).isEqualTo(said);
        assertThat(StatusSocket.restart(path)).isFalse();
        assertThat(StatusSocket.ask(path)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "pause", "pause -1", "pause 99999999999", "stop", "report x"})
    void refusesWhatIsNoCommand(String line) {
        assertThatThrownBy(() -> OwnerCommand.parse(line))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
