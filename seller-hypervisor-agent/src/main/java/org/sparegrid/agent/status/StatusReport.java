// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.status;

import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.sparegrid.protocol.market.Ask;

/// How the running agent stands.
///
/// @param seller this computer's identifier
/// @param coordinator the coordinator's address
/// @param connection `connected`, or that it is by polling and why, or what keeps it from being so
/// @param selling whether new leases are taken
/// @param whyNot what keeps it from selling
/// @param owner what guests may do, and why
/// @param money what guests earn and cost
/// @param benchmark what the newest benchmark found
/// @param page the address of the owner's page
/// @param ask what is offered
/// @param hypervisor the programs that run guests, with versions
/// @param confined whether guests are locked up as they must be
/// @param confinement what was found about that, one line each
/// @param selfTest what a guest of our own found before this computer began to sell
/// @param caps what holds guests to each limit, one line each
/// @param udpPort the port of the guests' networks
/// @param endpoints where others are told to reach it
/// @param routerPort what the router has answered, or empty if it was not asked
/// @param machines the guests
/// @param images the images kept on disk
/// @param volumes buyers' volumes on the disk
/// @param volumeGibibytesMax how much they may take
/// @param sharing how the exchange of images with neighbours stands
public record StatusReport(
        String seller,
        String coordinator,
        String connection,
        boolean selling,
        List<String> whyNot,
        OwnerReport owner,
        MoneyReport money,
        BenchmarkReport benchmark,
        String page,
        Ask ask,
        String hypervisor,
        boolean confined,
        List<String> confinement,
        List<String> selfTest,
        List<String> caps,
        int udpPort,
        List<String> endpoints,
        String routerPort,
        List<Machine> machines,
        List<Image> images,
        List<Volume> volumes,
        int volumeGibibytesMax,
        SharingReport sharing) {
    /// What the connection is as long as requests carry the session; the reason follows.
    public static final String POLLING = "connected by polling: ";

    /// Copies the lists.
    public StatusReport {
        whyNot = List.copyOf(whyNot);
        confinement = List.copyOf(confinement);
        selfTest = List.copyOf(selfTest);
        caps = List.copyOf(caps);
        endpoints = List.copyOf(endpoints);
        machines = List.copyOf(machines);
        images = List.copyOf(images);
        volumes = List.copyOf(volumes);
    }

    /// Whether the coordinator can be talked to.
    public boolean connects() {
        return connection.equals("connected") || polls();
    }

    /// Whether that is by polling.
    public boolean polls() {
        return connection.startsWith(POLLING);
    }

    /// One guest.
    ///
    /// @param stage how far it is
    /// @param pid its QEMU process, or 0
    /// @param refusedFrames how many frames the network refused it since the agent took it up, by
    ///   reason
    /// @param disc how far its disc has come, unless all of it was here before
    public record Machine(
            String lease,
            String network,
            String name,
            String stage,
            long pid,
            int cpus,
            int memoryMebibytes,
            long runSeconds,
            double cpuSeconds,
            long receivedBytes,
            long sentBytes,
            Map<String, Long> refusedFrames,
            List<Disc> disc) {
        /// Copies the map, in the order of its keys.
        public Machine {
            disc = List.copyOf(disc);
            refusedFrames = Collections.unmodifiableMap(new TreeMap<>(refusedFrames));
        }
    }

    /// A disc that comes while the guest runs from it.
    ///
    /// @param stalls how often the guest waited for more than a second
    /// @param waitedMillis how long it waited in all
    /// @param waiting whether it waits now
    public record Disc(
            long presentBytes, long totalBytes, int stalls, long waitedMillis, boolean waiting) {}

    /// One volume on the disk.
    ///
    /// @param bytes what it takes
    /// @param empty whether no guest has had it
    /// @param lease whose guest has it, or empty
    public record Volume(String volume, long bytes, boolean empty, String lease) {}

    /// One image on the disk.
    public record Image(String digest, long bytes, String used) {}
}
