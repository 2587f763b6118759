// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.config;

import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/// What this computer proves of itself with, and whom it trusts with its programs.
///
/// @param tpm `auto`, `none`, a device, or `swtpm:` with a socket's path or a port
/// @param bootLog what the firmware wrote down of the start
/// @param updateKey who may sign updates, in hexadecimal digits, or empty for nobody
public record TrustSettings(String tpm, Path bootLog, String updateKey) {
    private static final String BOOT_LOG = "/sys/kernel/security/tpm0/binary_bios_measurements";

    static final List<SettingsReader.Line> LINES =
            List.of(
                    new SettingsReader.Line(
                            "tpm", "\"auto\"  # or none, a device, or swtpm:SOCKET for trials"),
                    new SettingsReader.Line("boot-log", "\"" + BOOT_LOG + "\""),
                    new SettingsReader.Line(
                            "update-key", "\"\"  # who may sign updates of this program"));

    static TrustSettings read(SettingsValues values) {
        return new TrustSettings(
                values.text("tpm", "auto", TrustSettings::tpm),
                values.text("boot-log", BOOT_LOG, TrustSettings::path),
                values.text("update-key", "", TrustSettings::key));
    }

    private static String tpm(String text) {
        if (!text.matches("auto|none|/.{1,200}|swtpm:([0-9]{1,5}|/.{1,100})")) {
            throw new IllegalArgumentException(
                    "expected auto, none, a device such as /dev/tpmrm0, or swtpm:SOCKET, got "
                            + text);
        }
        return text;
    }

    private static String key(String text) {
        String key = text.toLowerCase(Locale.ROOT);
        if (!key.matches("([0-9a-f]{64})?")) {
            throw new IllegalArgumentException("expected 64 hexadecimal digits, got " + text);
        }
        return key;
    }

    private static Path path(String text) {
        if (!text.startsWith("/")) {
            throw new IllegalArgumentException("expected a path from the root, got " + text);
        }
        return Path.of(text);
    }
}
