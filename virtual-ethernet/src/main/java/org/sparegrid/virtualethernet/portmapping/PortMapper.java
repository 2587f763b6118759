// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet.portmapping;

import java.io.IOException;
import java.time.Duration;

/// One protocol in which a router can be asked for a port. Calls wait for the router's answer.
interface PortMapper {
    /// What the protocol is called.
    String name();

    /// Asks the router to lead a UDP port of its own to `ownPort` of this computer, or to go on
    /// doing so.
    ///
    /// @param wantedPort the port to ask for; the router may choose another one
    /// @throws MappingRefusedException if the router speaks the protocol and says no
    /// @throws IOException if nothing understandable is answered
    PortMapping map(int ownPort, int wantedPort, Duration lifetime) throws IOException;

    /// Asks the router to forget the mapping.
    ///
    /// @throws IOException if it does not answer, or does not do so
    void unmap(int ownPort, int externalPort) throws IOException;
}
