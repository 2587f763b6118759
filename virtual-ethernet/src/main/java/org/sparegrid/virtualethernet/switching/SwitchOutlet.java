// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet.switching;

import org.sparegrid.virtualethernet.frame.SuperFrame;
import org.sparegrid.virtualethernet.network.Member;

/// Performs what the switch decides. Frames are views, valid during the call.
public interface SwitchOutlet {
    /// Gives a frame to the local machine; false if it did not take it.
    boolean toPort(SuperFrame frame);

    /// Sends a frame to a peer.
    void toPeer(Member peer, SuperFrame frame);

    /// The longest packet on the Ethernet that the path to a peer carries, as far as it is known;
    /// else [Integer#MAX_VALUE].
    int mtu(Member peer);

    /// A peer asks this gateway for a name outside of the network.
    ///
    /// @param address where the answer is to be sent, with `port`
    void nameAsked(Member peer, int address, int port, byte[] question);

    /// The local machine was given its address by DHCP.
    void addressAssigned();

    /// A machine has answered an echo request; true if it was ours and not the local machine's.
    boolean echoAnswered(int source, int label);
}
