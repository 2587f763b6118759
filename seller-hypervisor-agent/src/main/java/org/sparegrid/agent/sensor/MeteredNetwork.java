// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.sensor;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.sparegrid.agent.desktop.MessageBus;

/// Whether the network is paid by volume, as NetworkManager knows or guesses.
final class MeteredNetwork {
    private static final String SERVICE = "org.freedesktop.NetworkManager";

    /// NM_METERED_YES and NM_METERED_GUESS_YES.
    private static final long YES = 1;

    private static final long GUESS_YES = 3;

    private MeteredNetwork() {}

    static boolean isMetered(Path systemBus) {
        if (!Files.exists(systemBus)) {
            return false;
        }
        try (MessageBus bus = MessageBus.connect(systemBus)) {
            long value =
                    bus.property(SERVICE, "/org/freedesktop/NetworkManager", SERVICE, "Metered");
            return value == YES || value == GUESS_YES;
        } catch (IOException notManaged) {
            return false;
        }
    }
}
