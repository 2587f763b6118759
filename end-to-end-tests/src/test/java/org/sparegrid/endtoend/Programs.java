// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.endtoend;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.sparegrid.testsupport.Command;

/// The programs of this repository, where every user may read them.
final class Programs {
    private static final List<String> MODULES =
            List.of("coordinator", "seller-hypervisor-agent", "buyer-cli");

    private Programs() {}

    /// Copies them into the folder `programs` of `work`; the launchers are then in `programs/bin`.
    static void stage(Path work) throws IOException, InterruptedException {
        Path repository = Path.of("").toAbsolutePath().getParent();
        Path programs = Files.createDirectory(work.resolve("programs"));
        List<String> copy = new ArrayList<>(List.of("cp", "-r", "--parents"));
        Stream.of(
                        "start-java",
                        "use-version",
                        "sparegrid",
                        "sparegrid-agent",
                        "sparegrid-coordinator")
                .forEach(name -> copy.add("bin/" + name));
        for (String module : MODULES) {
            copy.add(module + "/target/lib");
            copy.add(module + "/target/sparegrid-" + module + "-0.1.0-SNAPSHOT.jar");
        }
        copy.add(programs.toString());
        Command.attempt(new ProcessBuilder(copy).directory(repository.toFile())).orFail();
        Command.run("chmod", "-R", "a+rX", programs.toString());
    }
}
