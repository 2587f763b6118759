// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.BufferedReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SupervisorTest {
    @TempDir private Path folder = Path.of("/nonexistent");

    /// Stands in for systemd, whose socket Java can't make.
    private static final String LISTENER =
            """
            import socket, sys
            name = sys.argv[1]
            listener = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
            listener.settimeout(20)
            listener.bind("\\0" + name[1:] if name[0] == "@" else name)
            print("listens", flush=True)
            for _ in range(3):
                print(listener.recv(4096).decode(), flush=True)
            """;

    @ParameterizedTest
    @ValueSource(strings = {"file", "abstract"})
    void tellsSystemdHowItStands(String kind) throws Exception {
        assumeTrue(Tool.find("python3").isPresent(), "python3 is not installed");
        String socket =
                kind.equals("file")
                        ? folder.resolve("notify").toString()
                        : "@sparegrid-test-" + ProcessHandle.current().pid();
        Path program = Files.writeString(folder.resolve("listen.py"), LISTENER);
        Process listener =
                new ProcessBuilder("python3", program.toString(), socket)
                        .redirectError(ProcessBuilder.Redirect.INHERIT)
                        .start();
        try (BufferedReader heard = listener.inputReader(StandardCharsets.UTF_8)) {
            assertThat(heard.readLine()).isEqualTo("listens");
            Supervisor supervisor = Supervisor.of(Map.of("NOTIFY_SOCKET", socket));
            supervisor.ready();
            supervisor.say("selling\nnothing – yet");
            supervisor.stopping();
            assertThat(heard.lines())
                    .containsExactly("READY=1", "STATUS=selling nothing – yet", "STOPPING=1");
            assertThat(listener.waitFor(20, TimeUnit.SECONDS)).isTrue();
        } finally {
            listener.destroyForcibly();
        }
    }

    @Test
    void tellsNobodyWhereNoneListens() {
        Supervisor.of(Map.of()).ready();
        Supervisor.of(Map.of("NOTIFY_SOCKET", folder.resolve("none").toString())).ready();
        Supervisor.of(Map.of("NOTIFY_SOCKET", "/" + "x".repeat(200))).say("too long a name");
    }

    @Test
    void doesNotTakeThisComputerForOneThatGoesDown() throws Exception {
        assertThat(Supervisor.of(Map.of()).isGoingDown()).isFalse();
    }
}
