// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.imagetools.recipe;

import java.util.List;

/// What one layer adds: first the packages, then the users, the files, the services, and last the
/// commands.
///
/// @param packages names of Debian packages
/// @param run what runs in the machine's file system while the image is built
/// @param network whether these commands may use the network
public record Layer(
        String name,
        List<String> packages,
        List<User> users,
        List<FileEntry> files,
        List<Service> services,
        List<BuildStep> run,
        boolean network) {
    public Layer {
        packages = List.copyOf(packages);
        users = List.copyOf(users);
        files = List.copyOf(files);
        services = List.copyOf(services);
        run = List.copyOf(run);
    }
}
