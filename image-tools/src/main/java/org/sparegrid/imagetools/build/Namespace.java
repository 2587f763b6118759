// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.imagetools.build;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/// The way in which this user may mount and change owners: as root, or in a namespace of their own.
///
/// @param prefix the arguments that precede the program
/// @param overlayOption what the overlay's mount needs besides its folders
/// @param name `root` or `user`: trees made by one are of no use to the other
record Namespace(List<String> prefix, String overlayOption, String name) {
    Namespace {
        prefix = List.copyOf(prefix);
    }

    /// Finds the way.
    ///
    /// @throws BuildException if this user may not, with what to do
    static Namespace choose(Tool tool) throws IOException, BuildException {
        List<String> prefix =
                new ArrayList<>(
                        List.of(
                                "unshare",
                                "--mount",
                                "--pid",
                                "--fork",
                                "--kill-child",
                                "--propagation",
                                "private"));
        if ("root".equals(System.getProperty("user.name").toLowerCase(Locale.ROOT))) {
            return new Namespace(prefix, "", "root");
        }
        if (!tool.has("newuidmap")) {
            throw new BuildException(
                    "building a layer without root needs user namespaces: install the package uidmap"
                            + " and give this user a range in /etc/subuid and /etc/subgid, or build as"
                            + " root");
        }
        prefix.addAll(List.of("--user", "--map-root-user", "--map-auto"));
        return new Namespace(prefix, ",userxattr", "user");
    }

    List<String> command(String... arguments) {
        List<String> command = new ArrayList<>(prefix);
        command.addAll(List.of(arguments));
        return command;
    }
}
