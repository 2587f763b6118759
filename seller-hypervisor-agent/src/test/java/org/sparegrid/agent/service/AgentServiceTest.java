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
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.sparegrid.agent.process.Tool;

class AgentServiceTest {
    @TempDir private Path folder = Path.of("/nonexistent");

    private static final Path JAVA = Path.of("/opt/jdk 25");
    private static final Path TRUE = Path.of("/usr/bin/true");

    private final List<String> done = new ArrayList<>();
    private String fails = "nothing";

    private AgentService service() {
        return service(AgentService.userUnit(Map.of("HOME", folder.toString())), "");
    }

    private AgentService service(Path unit, String account) {
        return new AgentService(
                unit,
                new AgentService.Account(account, Path.of("/home/" + account)),
                words -> {
                    done.add(String.join(" ", words));
                    return words[0].equals(fails)
                            ? new Tool.Answer(1, "no\n")
                            : new Tool.Answer(0, words[0].equals("show") ? "selling\n" : "");
                });
    }

    @Test
    void quotesWhatItStarts() {
        assertThat(
                        service()
                                .text(
                                        Path.of("/opt/a b/100%/$x/bin/sparegrid-agent"),
                                        JAVA,
                                        "/home/\"o\""))
                .contains(
                        "ExecStart=\"/opt/a b/100%%/$$x/bin/sparegrid-agent\" run"
                                + " --home \"/home/\\\"o\\\"\"\n")
                .contains("Environment=\"JAVA_HOME=/opt/jdk 25\"\n")
                .contains("KillMode=process\n")
                .contains("CPUWeight=1\nIOWeight=1\n")
                .doesNotContain("Slice=", "ProtectSystem");
    }

    @Test
    void writesAndRemovesItsUnit() throws Exception {
        assertThat(service().install(TRUE, JAVA, ""))
                .startsWith("wrote " + folder + "/.config/systemd/user/sparegrid-agent.service\n")
                .contains("it runs: selling\n");
        assertThat(service().unit()).hasContent(service().text(TRUE, JAVA, ""));
        assertThat(service().remove()).startsWith("removed ");
        assertThat(service().unit()).doesNotExist();
        assertThat(service().remove()).startsWith("there is no ");
        assertThat(done)
                .containsExactly(
                        "daemon-reload",
                        "enable sparegrid-agent.service",
                        "restart sparegrid-agent.service",
                        "show --property=StatusText --value sparegrid-agent.service",
                        "disable --now sparegrid-agent.service",
                        "daemon-reload",
                        "reset-failed sparegrid-agent.service");
    }

    @Test
    void saysWhatIsLeftToDoWithoutSystemd() throws Exception {
        fails = "daemon-reload";

        assertThat(service().install(TRUE, JAVA, ""))
                .contains("systemctl --user enable --now sparegrid-agent.service");
        assertThat(done).containsExactly("daemon-reload");
    }

    @ParameterizedTest
    @ValueSource(strings = {"enable", "restart"})
    void saysThatItDidNotStart(String step) {
        fails = step;

        assertThatThrownBy(() -> service().install(TRUE, JAVA, ""))
                .isInstanceOf(java.io.IOException.class)
                .hasMessage("starting the service: no");
    }

    @Test
    void runsAsItsUserFromBootOnAsAServiceOfTheComputer() throws Exception {
        AgentService service = service(folder.resolve("sparegrid-agent.service"), "seller");
        assertThat(service.install(Path.of("/opt/bin/sparegrid-agent"), JAVA, ""))
                .endsWith("it runs as seller: selling\n");
        assertThat(service.unit())
                .content()
                .contains("\nUser=seller\nCapabilityBoundingSet=\n", "After=network-online")
                .contains(
                        "\nProtectSystem=strict\nReadWritePaths=/tmp /var/tmp \"-/home/seller\"\n")
                .contains("Slice=sparegrid.slice\n")
                .doesNotContain("Weight")
                .endsWith("WantedBy=multi-user.target\n");
        assertThat(service.text(TRUE, JAVA, "/srv/a b"))
                .contains(" \"-/home/seller\" \"-/srv/a b\"\n");
        assertThat(folder.resolve("sparegrid.slice"))
                .content()
                .endsWith("[Slice]\nCPUWeight=1\nIOWeight=1\n");
        assertThat(service().text(Path.of("/opt/bin/sparegrid-agent"), JAVA, ""))
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
        Files.writeString(unit, service(unit, account).text(TRUE, JAVA, "/srv/agent"));
        Files.writeString(slice, UnitText.slice());
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
