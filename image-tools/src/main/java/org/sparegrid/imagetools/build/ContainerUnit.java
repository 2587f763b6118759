// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.imagetools.build;

import java.util.List;
import org.sparegrid.imagetools.container.ContainerConfig;
import org.sparegrid.imagetools.container.ContainerFormatException;
import org.sparegrid.imagetools.container.ContainerTree;
import org.sparegrid.imagetools.recipe.Service;

/// Writes the systemd unit that runs what a container image says, with its files as the root.
///
/// Source: systemd.exec(5); the OCI image specification 1.1, conversion.md.
final class ContainerUnit {
    /// Where the files of containers lie in the machine.
    static final String FOLDER = "/var/lib/sparegrid/containers/";

    private static final String PATH_DEFAULT =
            "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

    private ContainerUnit() {}

    /// @throws ContainerFormatException if its program or user is not in the image
    static String text(Service.Container service, ContainerConfig config, ContainerTree tree)
            throws ContainerFormatException {
        String root = FOLDER + service.name();
        StringBuilder unit =
                new StringBuilder(SystemdUnit.head(service.name(), service.execution()));
        // Its network is the machine's, and so are its names; the context is there to read.
        unit.append("BindPaths=");
        for (String folder : List.of("/proc", "/sys", "/dev")) {
            unit.append(folder).append(':').append(root).append(folder).append(' ');
        }
        unit.append("\nBindReadOnlyPaths=");
        for (String path : List.of("/etc/resolv.conf", "/etc/hosts", "/run/sparegrid")) {
            unit.append('-').append(path).append(':').append(root).append(path).append(' ');
        }
        unit.append('\n');
        unit.append("Environment=\"").append(PATH_DEFAULT).append("\"\n");
        for (String variable : config.environment()) {
            unit.append("Environment=\"").append(SystemdUnit.escape(plain(variable)));
            unit.append("\"\n");
        }
        // User= would need an account of the machine, and RootDirectory= goes with it.
        unit.append("ExecStart=/usr/bin/unshare --root=").append(root);
        unit.append(" \"--wd=").append(SystemdUnit.escape(plain(config.workingFolder())));
        unit.append("\" ").append(user(config.user(), tree)).append("-- ");
        unit.append(program(config, tree));
        for (String argument : config.command().subList(1, config.command().size())) {
            unit.append(" \"").append(SystemdUnit.escape(plain(argument)).replace("$", "$$"));
            unit.append('"');
        }
        unit.append("\nRestart=").append(service.restart()).append("\nRestartSec=2\n");
        return unit.append(SystemdUnit.tail(service.execution())).toString();
    }

    /// The options that change to a user of the image; Docker's group is root's if none is given.
    private static String user(String user, ContainerTree tree) throws ContainerFormatException {
        if (user.isEmpty()) {
            return "";
        }
        String name = user.replaceFirst(":.*", "");
        String numbers = name.matches("[0-9]{1,10}") ? user : tree.user(name).orElse("");
        if (!numbers.matches("[0-9]{1,10}(:[0-9]{1,10})?")) {
            throw ContainerFormatException.unknownUser(user);
        }
        String group = numbers.contains(":") ? numbers.replaceFirst(".*:", "") : "0";
        return "--setgid=" + group + " --setuid=" + numbers.replaceFirst(":.*", "") + " ";
    }

    /// The program with its whole path, as a unit needs it.
    private static String program(ContainerConfig config, ContainerTree tree)
            throws ContainerFormatException {
        String program = plain(config.command().getFirst());
        if (program.startsWith("/")) {
            return "\"" + SystemdUnit.escape(program) + "\"";
        }
        String path =
                config.environment().stream()
                        .filter(variable -> variable.startsWith("PATH="))
                        .reduce(PATH_DEFAULT, (_, own) -> own)
                        .substring("PATH=".length());
        for (String folder : List.of(path.split(":", -1))) {
            String found = folder + "/" + program;
            if (folder.startsWith("/") && tree.has(found.substring(1))) {
                return "\"" + SystemdUnit.escape(found) + "\"";
            }
        }
        throw ContainerFormatException.missingProgram(program, path);
    }

    /// A text that fits on a line of a unit.
    private static String plain(String text) throws ContainerFormatException {
        if (text.chars().anyMatch(c -> c < ' ' || c == 0x7f)) {
            throw ContainerFormatException.oddText();
        }
        return text;
    }
}
