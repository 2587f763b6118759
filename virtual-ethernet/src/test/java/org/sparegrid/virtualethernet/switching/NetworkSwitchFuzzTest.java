// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet.switching;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import org.sparegrid.virtualethernet.Maps;
import org.sparegrid.virtualethernet.frame.FrameFormatException;
import org.sparegrid.virtualethernet.frame.SuperFrame;
import org.sparegrid.virtualethernet.meter.Meter;
import org.sparegrid.virtualethernet.network.GatewayOffer;
import org.sparegrid.virtualethernet.network.KeyPair;
import org.sparegrid.virtualethernet.network.Member;

class NetworkSwitchFuzzTest {
    private static final Member ONE = Maps.node(1, KeyPair.generate().publicKey());
    private static final Member TWO = Maps.node(2, KeyPair.generate().publicKey());

    /// Reaches every reader of frames, past the check of the source address.
    @FuzzTest
    void takesAnyFrame(byte[] bytes) {
        NetworkSwitch network = new NetworkSwitch(GatewayOffer.NONE, new Meter(), new Checking());
        network.update(Maps.map(1, ONE, TWO), ONE.publicKey());
        byte[] frame = bytes.clone();
        if (frame.length >= 12) {
            ONE.mac().write(frame, 6);
        }
        try {
            network.fromPort(new SuperFrame().set(frame, 0, frame.length), 0);
        } catch (FrameFormatException expected) {
            assertThat(expected).hasMessageStartingWith("ethernet: ");
        }
        network.fromPeer(TWO.publicKey(), bytes.clone(), 0, bytes.length, 0, 0, 0);
    }

    /// The same for what a card with offloads sends, and for hints of fast frames.
    @FuzzTest
    void takesAnyFrameWithOffloads(byte[] bytes) {
        NetworkSwitch network = new NetworkSwitch(GatewayOffer.NONE, new Meter(), new Checking());
        network.update(Maps.map(1, ONE, TWO), ONE.publicKey());
        byte[] frame = bytes.clone();
        if (frame.length >= 22) {
            ONE.mac().write(frame, 16);
        }
        try {
            network.fromPort(new SuperFrame().read(frame, 0, frame.length), 0);
        } catch (FrameFormatException expected) {
            assertThat(expected).isNotNull();
        }
        if (bytes.length >= 4) {
            int start = bytes[0] << 8 | (bytes[1] & 0xff);
            network.fromPeer(
                    TWO.publicKey(), bytes.clone(), 4, bytes.length - 4, start, bytes[2], 0);
        }
    }

    /// Fails if a frame that is not its own machine's leaves the port.
    private static final class Checking implements SwitchOutlet {
        @Override
        public boolean toPort(SuperFrame frame) {
            return true;
        }

        @Override
        public void toPeer(Member peer, SuperFrame frame) {
            try {
                if (frame.ethernet().source() != ONE.mac().bits()) {
                    throw new AssertionError("sent as " + frame.ethernet().source());
                }
            } catch (FrameFormatException malformed) {
                throw new AssertionError("sent what is no frame", malformed);
            }
        }

        @Override
        public int mtu(Member peer) {
            return 700;
        }

        @Override
        public void nameAsked(Member peer, int address, int port, byte[] question) {}

        @Override
        public void addressAssigned() {}

        @Override
        public boolean echoAnswered(int source, int label) {
            return false;
        }
    }
}
