// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.lease;

import java.util.List;
import org.sparegrid.agent.network.Overlay;
import org.sparegrid.agent.process.Kernel;
import org.sparegrid.agent.process.ProcessId;
import org.sparegrid.protocol.LeaseId;
import org.sparegrid.protocol.control.CoordinatorMessage.LeaseOffered;
import org.sparegrid.protocol.control.CoordinatorMessage.NetworkChanged;
import org.sparegrid.protocol.market.Usage;

/// All that must be known of a lease to go on with it after this program died.
///
/// @param offer what the coordinator asked for
/// @param privateKey the attachment's WireGuard key in base64
/// @param network the newest network, once there is one
/// @param state where it stands
/// @param bootId the boot in which the times of `state` and `process` hold
/// @param process the guest's QEMU
/// @param imageDigest the image's file, once it is here
/// @param usage the last meter reading
/// @param consoleBytes how much the guest wrote to its console
public record LeaseRecord(
        LeaseOffered offer,
        String privateKey,
        List<NetworkChanged> network,
        LeaseState state,
        String bootId,
        ProcessId process,
        String imageDigest,
        Usage usage,
        long consoleBytes) {
    /// Copies the list.
    public LeaseRecord {
        network = List.copyOf(network);
    }

    /// A lease that was just accepted, with a key of its own.
    static LeaseRecord of(LeaseOffered offer) {
        return new LeaseRecord(
                offer,
                Overlay.text(Overlay.newKeys()),
                List.of(),
                LeaseState.ACCEPTED,
                Kernel.bootId(),
                ProcessId.NONE,
                "",
                Usage.NONE,
                0);
    }

    /// The lease.
    public LeaseId id() {
        return offer.lease();
    }

    LeaseRecord with(LeaseState next) {
        return new LeaseRecord(
                offer,
                privateKey,
                network,
                next,
                bootId,
                process,
                imageDigest,
                usage,
                consoleBytes);
    }

    LeaseRecord with(NetworkChanged newest) {
        return new LeaseRecord(
                offer,
                privateKey,
                List.of(newest),
                state,
                bootId,
                process,
                imageDigest,
                usage,
                consoleBytes);
    }

    LeaseRecord with(ProcessId newProcess, String digest) {
        return new LeaseRecord(
                offer, privateKey, network, state, bootId, newProcess, digest, usage, consoleBytes);
    }

    LeaseRecord with(Usage reading, long written) {
        return new LeaseRecord(
                offer, privateKey, network, state, bootId, process, imageDigest, reading, written);
    }

    LeaseRecord inBoot(String newBootId) {
        return new LeaseRecord(
                offer,
                privateKey,
                network,
                state,
                newBootId,
                process,
                imageDigest,
                usage,
                consoleBytes);
    }

    /// Hides the private key.
    @Override
    public String toString() {
        return "LeaseRecord[lease=" + id() + ", state=" + state + "]";
    }
}
