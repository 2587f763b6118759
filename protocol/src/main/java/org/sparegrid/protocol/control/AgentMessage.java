// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.protocol.control;

import java.util.List;
import org.sparegrid.protocol.ImageId;
import org.sparegrid.protocol.LeaseId;
import org.sparegrid.protocol.StreamId;
import org.sparegrid.protocol.VolumeId;
import org.sparegrid.protocol.market.Ask;
import org.sparegrid.protocol.market.EndReason;
import org.sparegrid.protocol.market.LeaseProgress;
import org.sparegrid.protocol.market.TrafficReport;
import org.sparegrid.protocol.market.Usage;

/// What a seller's agent tells the coordinator within a session.
public sealed interface AgentMessage {
    /// The first message of a session that was not resumed: all that is true on this machine.
    ///
    /// @param ask what the machine offers, or nothing is offered while `selling` is false
    /// @param selling whether new leases are welcome
    /// @param machines the leases the agent knows of
    /// @param volumes the volumes that lie on its disk
    record Inventory(Ask ask, boolean selling, List<MachineReport> machines, List<VolumeId> volumes)
            implements AgentMessage {
        public Inventory {
            machines = List.copyOf(machines);
            volumes = List.copyOf(volumes);
        }
    }

    /// The offer changed, or selling was paused or taken up again.
    record AskChanged(Ask ask, boolean selling) implements AgentMessage {}

    /// The agent takes the lease and has made its key for the network.
    ///
    /// @param publicKey the attachment's WireGuard key, 32 bytes in base64
    /// @param endpoints where the agent's UDP port may be reached
    record LeaseAccepted(LeaseId lease, String publicKey, List<String> endpoints)
            implements AgentMessage {
        public LeaseAccepted {
            endpoints = List.copyOf(endpoints);
        }
    }

    /// The agent doesn't take the lease.
    record LeaseRejected(LeaseId lease, String why) implements AgentMessage {}

    /// The start of a machine has come further; `ON_NETWORK` starts the meter.
    record Progress(LeaseId lease, LeaseProgress progress) implements AgentMessage {}

    /// A meter reading, sent every few seconds while the machine runs.
    record Metered(LeaseId lease, Usage usage) implements AgentMessage {}

    /// What a lease's machine has exchanged with the others of its network, as its computer
    /// counted. Sent every few seconds, if the network is metered and something has changed, and
    /// before `Ended`.
    record TrafficCounted(LeaseId lease, TrafficReport traffic) implements AgentMessage {}

    /// The machine is gone and nothing of it is left; `usage` is the last reading.
    record Ended(LeaseId lease, EndReason reason, String detail, Usage usage)
            implements AgentMessage {}

    /// What the guest wrote to its serial console.
    ///
    /// @param offset the place of the first byte in all that it ever wrote
    record ConsoleOutput(LeaseId lease, long offset, Blob bytes) implements AgentMessage {}

    /// The stream that the coordinator wants can't be had.
    record StreamRefused(StreamId stream, String why) implements AgentMessage {}

    /// The agent's addresses changed.
    record EndpointsChanged(List<String> endpoints) implements AgentMessage {
        public EndpointsChanged {
            endpoints = List.copyOf(endpoints);
        }
    }

    /// A knock of `PortKnocked` came to the UDP port.
    ///
    /// @param secret what only the knock said
    record KnockHeard(long label, int secret) implements AgentMessage {}

    /// Offers the computer's TPM, to be asked whether it is one. The coordinator answers
    /// `TpmChallenged`, or nothing if it does not believe the certificate.
    ///
    /// @param level the highest level that the agent can give evidence for, 1 to 3
    /// @param certificate the endorsement key's certificate, as the TPM keeps it
    /// @param endorsementKey the endorsement key, TPMT_PUBLIC
    /// @param key a restricted key of that TPM, TPMT_PUBLIC
    record TpmOffered(int level, Blob certificate, Blob endorsementKey, Blob key)
            implements AgentMessage {}

    /// The proof that the TPM opened the coordinator's secret.
    record TpmProved(Blob proof) implements AgentMessage {}

    /// An answer to a lease's buyer.
    record TrustAnswered(LeaseId lease, TrustAnswer answer) implements AgentMessage {}

    /// The agent has the image of one of its leases, or fetches it, and would exchange chunks with
    /// neighbours. Sent again when something of it has changed. The coordinator answers
    /// `Neighbours`, then and whenever they change.
    ///
    /// @param self how neighbours know and reach it
    /// @param pool the pool that its owner says it belongs to, or empty
    /// @param gotBytes what it has got from neighbours since it shares this image
    record ImageShared(ImageId image, Neighbour self, String pool, long gotBytes)
            implements AgentMessage {}

    /// It shares the image no more.
    record ImageUnshared(ImageId image, long gotBytes) implements AgentMessage {}

    /// There is room for the volume, on the disk for good.
    record VolumeKept(VolumeId volume) implements AgentMessage {}

    /// The volume is not on the disk: it could not be made, or it was removed.
    record VolumeGone(VolumeId volume, String why) implements AgentMessage {}

    /// Says nothing but that the agent is there.
    record Heartbeat() implements AgentMessage {}
}
