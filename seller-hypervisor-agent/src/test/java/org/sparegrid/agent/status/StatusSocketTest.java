// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.status;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StatusSocketTest {
    @TempDir private Path folder = Path.of("/nonexistent");

    @Test
    void passesEachCommandOnAndAnswers() throws Exception {
        Path path = folder.resolve("a");
        List<OwnerCommand> heard = new CopyOnWriteArrayList<>();
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
                        })) {
            assertThat(socket).isNotNull();
            assertThat(Files.getPosixFilePermissions(path))
                    .isEqualTo(PosixFilePermissions.fromString("rw-------"));
            for (OwnerCommand command : said) {
                assertThat(StatusSocket.ask(path, command)).contains(Reports.ANY);
            }
        }
        assertThat(heard).isEqualTo(said);
        assertThat(StatusSocket.ask(path)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "pause", "pause -1", "pause 99999999999", "stop", "report x"})
    void refusesWhatIsNoCommand(String line) {
        assertThatThrownBy(() -> OwnerCommand.parse(line))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
