// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.imagetools.container;

import java.util.List;

/// What a container image runs.
///
/// Source: OCI image specification 1.1, config.md.
///
/// @param command entry point and its arguments; not empty
/// @param environment `NAME=VALUE` each
/// @param workingFolder absolute
/// @param user a name or number, perhaps with a group behind a colon; empty for root
public record ContainerConfig(
        List<String> command, List<String> environment, String workingFolder, String user) {
    public ContainerConfig {
        command = List.copyOf(command);
        environment = List.copyOf(environment);
    }
}
