// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.imagetools.build;

import java.util.Map;

/// The package sources that the environment asks for instead of those of the base.
final class DebianMirror {
    private static final String MIRROR = "SPAREGRID_DEBIAN_MIRROR";
    private static final String SECURITY_MIRROR = "SPAREGRID_DEBIAN_SECURITY_MIRROR";
    private static final String SIGNED =
            "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] ";

    private DebianMirror() {}

    /// Lines for apt, or the empty text to use the base's own sources.
    static String sources(Map<String, String> environment) throws BuildException {
        String mirror = environment.getOrDefault(MIRROR, "").replaceAll("/+$", "");
        if (mirror.isEmpty()) {
            return "";
        }
        String security =
                environment
                        .getOrDefault(SECURITY_MIRROR, mirror + "-security")
                        .replaceAll("/+$", "");
        for (String address : new String[] {mirror, security}) {
            if (!address.matches("https?://[A-Za-z0-9./_:~-]+")) {
                throw new BuildException(
                        MIRROR
                                + ": expected the address of a Debian mirror, such as http://HOST/debian");
            }
        }
        return SIGNED
                + mirror
                + " bookworm main\n"
                + SIGNED
                + mirror
                + " bookworm-updates main\n"
                + SIGNED
                + security
                + " bookworm-security main\n";
    }
}
