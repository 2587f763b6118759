// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.selling;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.sparegrid.agent.lease.LeaseDesk;
import org.sparegrid.agent.lease.LeaseRecord;
import org.sparegrid.agent.network.NetworkSurvey;
import org.sparegrid.agent.network.OpenPorts;
import org.sparegrid.agent.status.GuestPeers;
import org.sparegrid.agent.status.NetworkTools;
import org.sparegrid.protocol.LeaseId;
import org.sparegrid.virtualethernet.Attachment;
import org.sparegrid.virtualethernet.PeerStatus;
import org.sparegrid.virtualethernet.capture.Capture;
import org.sparegrid.virtualethernet.meter.TrafficCounters;
import org.sparegrid.virtualethernet.report.Echo;
import org.sparegrid.virtualethernet.report.Peer;
import org.sparegrid.virtualethernet.report.Trace;

/// The guests' networks as their owner sees them: paths and counters, and nothing of what is said
/// inside.
final class GuestNetworks implements NetworkTools {
    private final Guests guests;
    private final Callable<NetworkSurvey> survey;

    /// A guest on its network.
    ///
    /// @param network the network's identifier
    /// @param name the guest's there
    /// @param open whose ports there are open
    record Guest(
            LeaseId lease, String network, String name, OpenPorts open, Attachment attachment) {
        GuestPeers peers(Instant now) {
            TrafficCounters traffic = attachment.counters();
            List<Peer> peers =
                    attachment.peers().stream().map(status -> Peer.of(status, now)).toList();
            return new GuestPeers(
                    lease.value(),
                    network,
                    name,
                    traffic.bytesOut(),
                    traffic.bytesIn(),
                    open.savedBytes(peers),
                    peers);
        }

        PeerStatus peer(String asked) throws IOException {
            return Peer.find(attachment.peers(), asked)
                    .orElseThrow(() ->
                            new IOException(
                                    "guest "
                                            + lease
                                            + " has no peer "
                                            + asked
                                            + " on its network; sparegrid-agent net peers lists"
                                            + " them"));
        }
    }

    /// Those that are on their networks now.
    interface Guests {
        List<Guest> now();
    }

    GuestNetworks(LeaseDesk desk, Callable<NetworkSurvey> survey) {
        this(() -> connected(desk), survey);
    }

    GuestNetworks(Guests guests, Callable<NetworkSurvey> survey) {
        this.guests = guests;
        this.survey = survey;
    }

    private static List<Guest> connected(LeaseDesk desk) {
        List<Guest> connected = new ArrayList<>();
        for (LeaseRecord lease : desk.leases()) {
            Optional<Attachment> attachment = desk.attachment(lease.id());
            attachment.ifPresent(joined ->
                    connected.add(
                            new Guest(
                                    lease.id(),
                                    lease.offer().network(),
                                    lease.offer().hostName(),
                                    lease.openPorts(),
                                    joined)));
        }
        return connected;
    }

    @Override
    public NetworkSurvey survey() throws IOException, InterruptedException {
        try {
            return survey.call();
        } catch (IOException | InterruptedException | RuntimeException failed) {
            throw failed;
        } catch (Exception other) {
            throw new IllegalStateException(other);
        }
    }

    @Override
    public GuestPeers.All peers(String lease) throws IOException {
        List<Guest> wanted = lease.isEmpty() ? guests.now() : List.of(guest(lease));
        Instant now = Instant.now();
        return new GuestPeers.All(wanted.stream().map(guest -> guest.peers(now)).toList());
    }

    @Override
    public Echo ping(String lease, String name, Duration timeout)
            throws IOException, InterruptedException {
        Guest guest = guest(lease);
        Optional<Duration> answer = guest.attachment().ping(guest.peer(name).name(), timeout);
        return Echo.of(guest.peer(name), answer);
    }

    @Override
    public Trace trace(String lease, String name) throws IOException {
        return Trace.of(guest(lease).peer(name), Instant.now());
    }

    @Override
    public Capture capture(String lease) throws IOException {
        return guest(lease).attachment().captureSealed();
    }

    private Guest guest(String lease) throws IOException {
        List<Guest> here = guests.now();
        List<Guest> meant =
                here.stream()
                        .filter(guest -> lease.isEmpty() || guest.lease().value().equals(lease))
                        .toList();
        if (meant.size() == 1) {
            return meant.getFirst();
        }
        if (here.isEmpty()) {
            throw new IOException("no guest is on its network here; see sparegrid-agent vms");
        }
        String leases = String.join(", ", here.stream().map(g -> g.lease().value()).toList());
        throw new IOException(
                lease.isEmpty()
                        ? "several guests are here; name one by --lease: " + leases
                        : "no guest of lease "
                                + lease
                                + " is on its network here; those that are: "
                                + leases);
    }
}
