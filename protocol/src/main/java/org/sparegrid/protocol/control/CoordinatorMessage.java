// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.protocol.control;

import java.util.List;
import org.sparegrid.protocol.ImageId;
import org.sparegrid.protocol.LeaseId;
import org.sparegrid.protocol.MemberId;
import org.sparegrid.protocol.SlotId;
import org.sparegrid.protocol.StreamId;
import org.sparegrid.protocol.VolumeId;
import org.sparegrid.protocol.market.Checkpoints;
import org.sparegrid.protocol.market.MachineSize;
import org.sparegrid.protocol.market.NetworkView;

/// What the coordinator tells a seller's agent within a session.
public sealed interface CoordinatorMessage {
    /// Asks the agent to run a machine. It answers `LeaseAccepted` or `LeaseRejected`; the machine
    /// is started once it was accepted and its network was received.
    ///
    /// @param slot where
    /// @param image the image to boot; the agent fetches its manifest and chunks over HTTPS
    /// @param imageKey the Ed25519 public key that must have signed the manifest, 32 bytes in
    ///   base64
    /// @param hostName the machine's name
    /// @param network the network's name
    /// @param rank the machine's number from 0
    /// @param machines how many machines the order has
    /// @param authorizedKeys OpenSSH public keys for root
    /// @param bootSecondsMax how long the start may take before it counts as failed
    /// @param trust the level that the buyer asks for: 0 open, 1 identified, 2 measured, 3
    ///   confidential; above 0 the machine does not run before the buyer lets it in
    /// @param volumes the volume that the machine gets, if it gets one; its key comes apart
    record LeaseOffered(
            LeaseId lease,
            SlotId slot,
            MachineSize size,
            ImageId image,
            String imageKey,
            String hostName,
            String network,
            int rank,
            int machines,
            List<String> authorizedKeys,
            long bootSecondsMax,
            int trust,
            List<VolumeId> volumes)
            implements CoordinatorMessage {
        public LeaseOffered {
            volumes = List.copyOf(volumes);
            authorizedKeys = List.copyOf(authorizedKeys);
        }
    }

    /// The network of a lease in its newest version.
    ///
    /// @param self which member the lease's machine is
    record NetworkChanged(LeaseId lease, MemberId self, NetworkView network)
            implements CoordinatorMessage {}

    /// Save the machine's state now and then, and bring it back from there if its QEMU or the
    /// computer fails. The key is for the agent's memory only: it is told again in each session.
    record KeepCheckpoints(LeaseId lease, Checkpoints checkpoints) implements CoordinatorMessage {}

    /// Make room for a volume. The agent answers `VolumeKept`, or `VolumeGone` if it can't.
    ///
    /// @param gibibytes its size
    record KeepVolume(VolumeId volume, int gibibytes) implements CoordinatorMessage {}

    /// Remove a volume. The agent answers `VolumeGone` once it is not on the disk, also if it never
    /// was.
    record DropVolume(VolumeId volume, String why) implements CoordinatorMessage {}

    /// The key of a lease's volume, for the agent's memory only: it is told again in each session
    /// until the machine runs.
    ///
    /// @param key 32 bytes in base64
    record OpenVolume(LeaseId lease, VolumeId volume, String key) implements CoordinatorMessage {
        /// Hides the key.
        @Override
        public String toString() {
            return "OpenVolume[lease=" + lease + ", volume=" + volume + "]";
        }
    }

    /// Stop the machine and remove all that belongs to it. An agent that doesn't know the lease
    /// answers `Ended` all the same.
    record StopLease(LeaseId lease, String why) implements CoordinatorMessage {}

    /// What the buyer typed on the machine's serial console.
    record ConsoleInput(LeaseId lease, Blob bytes) implements CoordinatorMessage {}

    /// Connect to TCP port 22 of the machine and carry the bytes over a WebSocket to [#streamPath];
    /// or answer `StreamRefused`.
    record StreamWanted(LeaseId lease, StreamId stream) implements CoordinatorMessage {}

    /// Who exchanges the chunks of an image with the agent, instead of whoever was named before: it
    /// may ask these, and serves these and nobody else. See docs/protocol/chunk-exchange.md.
    ///
    /// @param secondsMax after so long without another such message nobody is named any more
    /// @param neighbours at most 31
    record Neighbours(ImageId image, long secondsMax, List<Neighbour> neighbours)
            implements CoordinatorMessage {
        /// The most computers that exchange an image among each other are one more.
        public static final int MAX = 31;

        public Neighbours {
            neighbours = List.copyOf(neighbours);
            if (neighbours.size() > MAX) {
                throw new IllegalArgumentException("neighbours: expected at most 31");
            }
        }
    }

    /// The coordinator knocks at the agent's UDP port, as anybody could: by STUN Binding requests,
    /// from a port to which nothing was ever sent. The agent does not answer them, but says
    /// `KnockHeard` if one comes.
    ///
    /// @param label the first 8 bytes of their transaction; the last 4 are the secret
    record PortKnocked(long label) implements CoordinatorMessage {}

    /// A secret that only the TPM opens that the agent offered.
    record TpmChallenged(Blob credential, Blob encryptedSeed) implements CoordinatorMessage {}

    /// A question of a lease's buyer.
    record TrustAsked(LeaseId lease, TrustQuestion question) implements CoordinatorMessage {}

    /// The path at the coordinator where an agent brings that stream.
    static String streamPath(StreamId stream) {
        return STREAMS_PATH + stream;
    }

    /// What the paths of streams begin with.
    String STREAMS_PATH = "/v1/agent/streams/";

    /// The most bytes that one message of a stream carries; an empty message ends its direction.
    int STREAM_MESSAGE_MAX_BYTES = 32 << 10;

    /// Says nothing but that the coordinator is there.
    record Heartbeat() implements CoordinatorMessage {}
}
