// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.lease;

import java.io.IOException;
import java.util.List;
import org.sparegrid.agent.network.OpenPorts;
import org.sparegrid.agent.network.Overlay;
import org.sparegrid.agent.process.Kernel;
import org.sparegrid.agent.process.ProcessId;
import org.sparegrid.protocol.LeaseId;
import org.sparegrid.protocol.control.AgentMessage;
import org.sparegrid.protocol.control.CoordinatorMessage.LeaseOffered;
import org.sparegrid.protocol.control.CoordinatorMessage.NetworkChanged;
import org.sparegrid.protocol.control.MachineReport;
import org.sparegrid.protocol.market.LeaseProgress;
import org.sparegrid.protocol.market.NetworkMember;
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

    /// This machine, as the newest network has it.
    NetworkMember self() throws IOException {
        NetworkChanged known = network.getFirst();
        for (NetworkMember member : known.network().members()) {
            if (member.id().equals(known.self())) {
                return member;
            }
        }
        throw new IOException("the network that was sent doesn't name this machine");
    }

    /// Whose UDP ports are open, by the newest network.
    public OpenPorts openPorts() {
        return network.isEmpty()
                ? OpenPorts.NONE
                : OpenPorts.of(network.getFirst().network(), network.getFirst().self());
    }

    /// The lease.
    public LeaseId id() {
        return offer.lease();
    }

    /// The attachment's public key.
    String publicKey() {
        return Overlay.keys(privateKey).publicKey().toString();
    }

    /// The answer to its offer.
    AgentMessage.LeaseAccepted accepted(List<String> endpoints) {
        return new AgentMessage.LeaseAccepted(id(), publicKey(), endpoints);
    }

    /// What the coordinator is told once it has ended.
    AgentMessage.Ended ended() {
        return new AgentMessage.Ended(id(), state.reason(), state.detail(), usage);
    }

    /// What the coordinator is told of it when a session begins.
    MachineReport report(LeaseProgress told, List<String> endpoints) {
        return new MachineReport(id(), told, publicKey(), endpoints, usage);
    }

    /// What the coordinator is told of it while it runs.
    AgentMessage.Metered metered() {
        return new AgentMessage.Metered(id(), usage);
    }

    /// Whether the network is newer than the one that it knows.
    boolean isOlderThan(NetworkChanged changed) {
        return network.isEmpty()
                || network.getFirst().network().version() < changed.network().version();
    }

    /// How it ended, for the log.
    String end() {
        return "lease=" + id() + " reason=" + state.reason() + " cause=" + state.detail();
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
