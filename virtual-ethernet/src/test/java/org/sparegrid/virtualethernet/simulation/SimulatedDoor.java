// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet.simulation;

import java.net.InetSocketAddress;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// A further port of a simulated host, which keeps to the first that it lets in.
final class SimulatedDoor {
    private final SimulatedNetwork network;
    private final @Nullable SimulatedNat nat;
    private final InetSocketAddress self;
    private final Consumer<byte[]> receiver;
    private boolean closed;
    private @Nullable InetSocketAddress remote;

    SimulatedDoor(
            SimulatedNetwork network,
            @Nullable SimulatedNat nat,
            InetSocketAddress self,
            Consumer<byte[]> receiver) {
        this.network = network;
        this.nat = nat;
        this.self = self;
        this.receiver = receiver;
    }

    void open() {
        network.listen(
                nat,
                self,
                (datagram, from) -> {
                    remote = remote == null && !closed ? from : remote;
                    if (from.equals(remote)) {
                        receiver.accept(datagram);
                    }
                });
    }

    /// Lets nobody in any more.
    void close() {
        closed = true;
    }

    void send(byte[] datagram) {
        InetSocketAddress to = remote;
        if (to != null) {
            network.send(nat, datagram, self, to, SimulatedNetwork.HOPS_ANY);
        }
    }
}
