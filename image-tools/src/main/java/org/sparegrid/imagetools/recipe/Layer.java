// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.imagetools.recipe;

import java.util.List;

/// What one layer adds: first the packages, then the files, the services, and last the commands.
///
/// @param packages names of Debian packages
/// @param run command lines that run in the machine's file system while the image is built
/// @param network whether these commands may use the network
public record Layer(
        String name,
        List<String> packages,
        List<FileEntry> files,
        List<Service> services,
        List<String> run,
        boolean network) {
    public Layer {
        packages = List.copyOf(packages);
        files = List.copyOf(files);
        services = List.copyOf(services);
        run = List.copyOf(run);
    }
}
