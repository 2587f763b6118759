// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.status;

import java.io.IOException;
import java.time.Duration;
import org.sparegrid.agent.network.NetworkSurvey;
import org.sparegrid.virtualethernet.capture.Capture;
import org.sparegrid.virtualethernet.report.Echo;
import org.sparegrid.virtualethernet.report.Trace;

/// What the owner may look at of the guests' networks. A lease is its identifier, or empty for the
/// only one there is; an [IOException] says why something can't be had.
public interface NetworkTools {
    /// What lies between this computer and others; takes seconds.
    NetworkSurvey survey() throws IOException, InterruptedException;

    /// The peers of one guest, or of all if `lease` is empty.
    GuestPeers.All peers(String lease) throws IOException;

    /// Asks a peer of a guest for an echo.
    Echo ping(String lease, String name, Duration timeout) throws IOException, InterruptedException;

    /// Where a peer of a guest was looked for.
    Trace trace(String lease, String name) throws IOException;

    /// The sealed datagrams of a guest.
    Capture capture(String lease) throws IOException;
}
