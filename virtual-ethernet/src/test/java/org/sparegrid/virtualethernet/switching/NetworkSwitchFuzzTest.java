// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet.switching;

import com.code_intelligence.jazzer.junit.FuzzTest;
import org.sparegrid.virtualethernet.Maps;
import org.sparegrid.virtualethernet.frame.EthernetFrame;
import org.sparegrid.virtualethernet.meter.Meter;
import org.sparegrid.virtualethernet.network.KeyPair;
import org.sparegrid.virtualethernet.network.MacAddress;
import org.sparegrid.virtualethernet.network.Member;

class NetworkSwitchFuzzTest {
    private static final Member ONE = Maps.node(1, KeyPair.generate().publicKey());
    private static final Member TWO = Maps.node(2, KeyPair.generate().publicKey());

    /// Reaches every reader of frames, past the check of the source address.
    @FuzzTest
    void takesAnyFrame(byte[] bytes) {
        NetworkSwitch network = new NetworkSwitch(false, new Meter(), new Checking());
        network.update(Maps.map(1, ONE, TWO), ONE.publicKey());
        byte[] frame = bytes.clone();
        if (frame.length >= 12) {
            ONE.mac().write(frame, 6);
        }
        network.fromPort(frame, 0);
        network.fromPeer(TWO.publicKey(), bytes.clone(), 0);
    }

    /// Fails if a frame that is not its own machine's leaves the port.
    private static final class Checking implements SwitchOutlet {
        @Override
        public boolean toPort(EthernetFrame frame) {
            return true;
        }

        @Override
        public void toPeer(Member peer, EthernetFrame frame) {
            if (frame.source() != ONE.mac().bits()) {
                throw new AssertionError("sent as " + new MacAddress(frame.source()));
            }
        }

        @Override
        public void addressAssigned() {}

        @Override
        public boolean echoAnswered(int source, int label) {
            return false;
        }
    }
}
