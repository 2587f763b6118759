// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.ssh;

import org.apache.sshd.common.channel.Channel;
import org.apache.sshd.common.channel.ChannelFactory;
import org.apache.sshd.common.session.Session;
import org.sparegrid.coordinator.operation.Operations;

/// Makes the channels of `ssh -J`: to port 22 of one's own machines and nowhere else.
final class JumpChannels implements ChannelFactory {
    private final Operations operations;
    private final Machines machines;
    private final Door door;
    private final Refusals refusals;
    private final Seats seats;

    JumpChannels(Operations operations, Door door, Refusals refusals, Seats seats) {
        this.operations = operations;
        this.machines = new Machines(operations);
        this.door = door;
        this.refusals = refusals;
        this.seats = seats;
    }

    @Override
    public String getName() {
        return "direct-tcpip";
    }

    @Override
    public Channel createChannel(Session session) {
        return new JumpChannel(this);
    }

    Operations operations() {
        return operations;
    }

    Machines machines() {
        return machines;
    }

    Door door() {
        return door;
    }

    Refusals refusals() {
        return refusals;
    }

    Seats seats() {
        return seats;
    }
}
