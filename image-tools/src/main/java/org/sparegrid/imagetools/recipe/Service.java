// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.imagetools.recipe;

import java.nio.file.Path;

/// A service that starts when the machine boots.
public sealed interface Service {
    /// Name of the systemd service, without `.service`.
    String name();

    /// A service that a package or a file brings.
    record Existing(String name) implements Service {}

    /// A service made for a command line.
    ///
    /// @param restart value of systemd's `Restart=`
    record Command(String name, String command, String restart, Execution execution)
            implements Service {}

    /// A program beside the recipe that runs once at each boot.
    record Script(String name, Path file, Execution execution) implements Service {}

    /// What a container image runs, with the image's files as its root.
    ///
    /// @param archive an OCI layout, as a folder or tar file, or what `docker save` wrote
    record Container(String name, Path archive, String restart, Execution execution)
            implements Service {}
}
