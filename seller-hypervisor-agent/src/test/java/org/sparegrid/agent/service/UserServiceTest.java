// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.sparegrid.agent.process.Tool;

class UserServiceTest {
    @TempDir private Path folder = Path.of("/nonexistent");

    private final List<String> done = new ArrayList<>();
    private String fails = "nothing";

    private UserService service() {
        return new UserService(
                Map.of("HOME", folder.toString()),
                words -> {
                    done.add(String.join(" ", words));
                    return words[0].equals(fails) ? Optional.of("no") : Optional.empty();
                });
    }

    @Test
    void quotesWhatItStarts() {
        assertThat(UserService.text(Path.of("/opt/a b/100%/$x/bin/sparegrid-agent"), "/home/\"o\""))
                .contains(
                        "ExecStart=\"/opt/a b/100%%/$$x/bin/sparegrid-agent\" run"
                                + " --home \"/home/\\\"o\\\"\"\n")
                .contains("KillMode=process\n");
    }

    @Test
    void writesAndRemovesItsUnit() throws Exception {
        assertThat(service().install(Path.of("/usr/bin/true"), ""))
                .startsWith("wrote " + folder + "/.config/systemd/user/sparegrid-agent.service\n");
        assertThat(service().unit()).hasContent(UserService.text(Path.of("/usr/bin/true"), ""));
        assertThat(service().remove()).startsWith("removed ");
        assertThat(service().unit()).doesNotExist();
        assertThat(service().remove()).startsWith("there is no ");
        assertThat(done)
                .containsExactly(
                        "daemon-reload",
                        "enable --now sparegrid-agent.service",
                        "disable --now sparegrid-agent.service",
                        "daemon-reload");
    }

    @Test
    void saysWhatIsLeftToDoWithoutSystemd() throws Exception {
        fails = "daemon-reload";

        assertThat(service().install(Path.of("/usr/bin/true"), ""))
                .contains("systemctl --user enable --now sparegrid-agent.service");
        assertThat(done).containsExactly("daemon-reload");
    }

    @Test
    void saysThatItDidNotStart() {
        fails = "enable";

        assertThatThrownBy(() -> service().install(Path.of("/usr/bin/true"), ""))
                .isInstanceOf(java.io.IOException.class)
                .hasMessage("starting the service: no");
    }

    /// systemd itself reads the unit, where it is installed.
    @Test
    void isAUnitToSystemd() throws Exception {
        var verifier = Tool.find("systemd-analyze");
        assumeTrue(verifier.isPresent(), "systemd-analyze is not installed");
        Path unit = folder.resolve(UserService.NAME);
        Files.writeString(unit, UserService.text(Path.of("/usr/bin/true"), "/srv/agent"));
        Tool.Answer answer =
                Tool.run(
                        Duration.ofSeconds(20),
                        verifier.get().toString(),
                        "--user",
                        "verify",
                        unit.toString());

        assertThat(answer.output()).doesNotContain(UserService.NAME);
        assertThat(answer.output()).doesNotContain("Unknown");
    }
}
