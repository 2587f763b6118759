// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.hypervisor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MachineContextTest {
    @Test
    void becomesLinesForTmpfiles() {
        String key = "ssh-ed25519 AAAA anna@home";
        var context = new MachineContext("node2", "blue", 1, 3, List.of(key));

        String oem = context.oemString();

        assertThat(oem).startsWith("io.systemd.credential.binary:tmpfiles.extra=");
        String lines = decode(oem.substring(oem.indexOf('=') + 1));
        assertThat(lines.lines())
                .contains("d /root/.ssh 0700 root root - -")
                .anyMatch(line ->
                        line.startsWith("f+~ /root/.ssh/authorized_keys 0600 root root - ")
                                && decode(line.substring(line.lastIndexOf(' ') + 1))
                                        .equals(key + "\n"))
                .anyMatch(line -> line.endsWith("/hostname 0644 root root - bm9kZTIK"))
                .anyMatch(line -> line.endsWith("/rank 0644 root root - MQo="))
                .anyMatch(line -> line.endsWith("/machines 0644 root root - Mwo="));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "A", "a.b", "a b", "a\nf /etc/shadow", "-a"})
    void refusesNamesThatAreNoLabels(String name) {
        assertThatThrownBy(() -> new MachineContext(name, "blue", 0, 1, List.of()))
                .hasMessageContaining("host name");
    }

    @Test
    void refusesKeysOfSeveralLines() {
        assertThatThrownBy(() -> new MachineContext("a", "b", 0, 1, List.of("a\nb")))
                .hasMessageContaining("one line");
    }

    private static String decode(String base64) {
        return new String(Base64.getDecoder().decode(base64), StandardCharsets.UTF_8);
    }
}
