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
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.sparegrid.agent.process.Tool;

class AgentServiceTest {
    @TempDir private Path folder = Path.of("/nonexistent");

    private final List<String> done = new ArrayList<>();
    private String fails = "nothing";

    private AgentService service() {
        return service(AgentService.userUnit(Map.of("HOME", folder.toString())), "");
    }

    private AgentService service(Path unit, String account) {
        return new AgentService(
                unit,
                account,
                words -> {
                    done.add(String.join(" ", words));
                    return words[0].equals(fails) ? Optional.of("no") : Optional.empty();
                });
    }

    @Test
    void quotesWhatItStarts() {
        assertThat(service().text(Path.of("/opt/a b/100%/$x/bin/sparegrid-agent"), "/home/\"o\""))
                .contains(
                        "ExecStart=\"/opt/a b/100%%/$$x/bin/sparegrid-agent\" run"
                                + " --home \"/home/\\\"o\\\"\"\n")
                .contains("KillMode=process\n")
                .contains("CPUWeight=1\nIOWeight=1\n\n[Install]")
                .doesNotContain("Slice=");
    }

    @Test
    void writesAndRemovesItsUnit() throws Exception {
        assertThat(service().install(Path.of("/usr/bin/true"), ""))
                .startsWith("wrote " + folder + "/.config/systemd/user/sparegrid-agent.service\n");
        assertThat(service().unit()).hasContent(service().text(Path.of("/usr/bin/true"), ""));
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

    @Test
    void runsAsItsUserFromBootOnAsAServiceOfTheComputer() throws Exception {
        AgentService service = service(folder.resolve("sparegrid-agent.service"), "seller");
        assertThat(service.install(Path.of("/opt/bin/sparegrid-agent"), ""))
                .endsWith("it runs as seller\n");
        assertThat(service.unit())
                .content()
                .contains(
                        "\nUser=seller\nCapabilityBoundingSet=\nExecStart=", "After=network-online")
                .contains("Slice=sparegrid.slice\n\n[Install]")
                .doesNotContain("Weight")
                .endsWith("WantedBy=multi-user.target\n");
        assertThat(folder.resolve("sparegrid.slice"))
                .content()
                .endsWith("[Slice]\nCPUWeight=1\nIOWeight=1\n");
        assertThat(service().text(Path.of("/opt/bin/sparegrid-agent"), ""))
                .doesNotContain("User=", "multi-user");
        service.remove();
        assertThat(folder.resolve("sparegrid.slice")).doesNotExist();
    }

    /// systemd itself reads the units, where it is installed.
    @ParameterizedTest
    @ValueSource(strings = {"", "daemon"})
    void isAUnitToSystemd(String account) throws Exception {
        var verifier = Tool.find("systemd-analyze");
        assumeTrue(verifier.isPresent(), "systemd-analyze is not installed");
        Path unit = folder.resolve(AgentService.NAME);
        Path slice = folder.resolve(AgentService.SLICE);
        Files.writeString(
                unit, service(unit, account).text(Path.of("/usr/bin/true"), "/srv/agent"));
        Files.writeString(slice, AgentService.sliceText());
        Tool.Answer answer =
                Tool.run(
                        Duration.ofSeconds(20),
                        verifier.get().toString(),
                        "verify",
                        unit.toString(),
                        slice.toString());

        // It speaks of this unit only if something is wrong; before release 254 it ignores one
        // line.
        assertThat(answer.output().lines())
                .noneMatch(line ->
                        line.contains(AgentService.SLICE)
                                || line.contains(AgentService.NAME)
                                        && !line.contains("DelegateSubgroup"));
    }
}
