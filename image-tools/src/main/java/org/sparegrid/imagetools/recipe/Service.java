// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.imagetools.recipe;

/// A service that starts when the machine boots.
public sealed interface Service {
    /// Name of the systemd service, without `.service`.
    String name();

    /// A service that a package or a file brings.
    record Existing(String name) implements Service {}

    /// A service made for a command line.
    ///
    /// @param restart value of systemd's `Restart=`
    record Command(String name, String command, String restart) implements Service {}
}
