// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.hypervisor;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;

/// What a machine is told about itself: its name, its number, and who may log in.
///
/// It goes in as an SMBIOS text that systemd 252 and newer read as a credential and turn into
/// files.
///
/// Source: docs/protocol/machine-context.md.
///
/// @param hostName the machine's name
/// @param network the network's name
/// @param rank its number from 0
/// @param machines how many machines there are
/// @param authorizedKeys OpenSSH public keys for root
public record MachineContext(
        String hostName, String network, int rank, int machines, List<String> authorizedKeys) {
    /// What leaves room in the SMBIOS table, in bytes of base64.
    private static final int LENGTH_BYTES_MAX = 48_000;

    /// Checks that no line can be smuggled into the guest's configuration.
    public MachineContext {
        authorizedKeys = List.copyOf(authorizedKeys);
        require(label(hostName), "expected a DNS label as host name, got " + hostName);
        require(label(network), "expected a DNS label as network, got " + network);
        require(rank >= 0 && rank < machines, "expected a rank below " + machines);
        for (String key : authorizedKeys) {
            require(key.matches("[ -~]{1,16000}"), "expected one line of ASCII for each key");
        }
    }

    /// The SMBIOS text.
    public String oemString() {
        String text =
                "io.systemd.credential.binary:tmpfiles.extra="
                        + base64(tmpfiles().getBytes(StandardCharsets.UTF_8));
        if (text.length() > LENGTH_BYTES_MAX) {
            throw new IllegalArgumentException(
                    "machine context: the authorized keys are too long for one machine");
        }
        return text;
    }

    /// The lines of tmpfiles.d(5) that make the files.
    String tmpfiles() {
        String keys = String.join("\n", authorizedKeys) + (authorizedKeys.isEmpty() ? "" : "\n");
        return "d /run/sparegrid 0755 root root - -\n"
                + file("/run/sparegrid/hostname", "0644", hostName + "\n")
                + file("/run/sparegrid/network", "0644", network + "\n")
                + file("/run/sparegrid/rank", "0644", rank + "\n")
                + file("/run/sparegrid/machines", "0644", machines + "\n")
                + "d /root/.ssh 0700 root root - -\n"
                + file("/root/.ssh/authorized_keys", "0600", keys);
    }

    private static String file(String path, String mode, String content) {
        return "f+~ "
                + path
                + " "
                + mode
                + " root root - "
                + base64(content.getBytes(StandardCharsets.UTF_8))
                + "\n";
    }

    private static String base64(byte[] bytes) {
        return Base64.getEncoder().encodeToString(bytes);
    }

    private static boolean label(String text) {
        return text.matches("[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?");
    }

    private static void require(boolean condition, String message) {
        if (!condition) {
            throw new IllegalArgumentException("machine context: " + message);
        }
    }
}
