// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.status;

import java.util.List;

/// How the exchange of images with neighbours stands.
///
/// @param wanted whether the owner wants it
/// @param held whether the owner's rules hold it back now
/// @param trouble why it doesn't listen, or empty
/// @param endpoints where it listens; nowhere while no guest uses an image
/// @param images how many images it exchanges
/// @param neighbours with how many computers
/// @param left the neighbours that aren't asked any more, with the reason
/// @param sentBytes what neighbours were sent since the agent started
/// @param gotBytes what came from them
public record SharingReport(
        boolean wanted,
        boolean held,
        String trouble,
        List<String> endpoints,
        int images,
        int neighbours,
        List<String> left,
        long sentBytes,
        long gotBytes) {
    /// Nothing is exchanged.
    public static final SharingReport OFF =
            new SharingReport(false, false, "", List.of(), 0, 0, List.of(), 0, 0);

    /// Copies the lists.
    public SharingReport {
        endpoints = List.copyOf(endpoints);
        left = List.copyOf(left);
    }

    /// One line for people, without what it was.
    public String line() {
        if (!wanted) {
            return "off";
        }
        String now =
                !trouble.isEmpty()
                        ? "not served: " + trouble
                        : images == 0
                                ? "nothing to share"
                                : images
                                        + " images with "
                                        + neighbours
                                        + " computers, at "
                                        + String.join(", ", endpoints);
        return now
                + (held ? ", held back by your rules" : "")
                + "; sent "
                + (sentBytes >> 20)
                + " MiB, got "
                + (gotBytes >> 20)
                + " MiB";
    }
}
