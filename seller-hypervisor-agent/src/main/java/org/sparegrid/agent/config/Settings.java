// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.config;

import java.time.Duration;
import java.util.List;
import org.sparegrid.agent.energy.Tariff;
import org.sparegrid.agent.owner.OwnerRules;
import org.sparegrid.protocol.Credits;
import org.sparegrid.protocol.market.MachineSize;

/// What the seller decided. Source: docs/operations/seller.md, settings.
///
/// @param name this computer's name for people
/// @param pricePerHour for one slot
/// @param slots how many guests at once
/// @param size the size of each slot
/// @param udpPort the port of the guests' networks, 0 for any
/// @param acceleration how guests run
/// @param guestCard what network card guests get
/// @param sellEmulated whether to sell though guests are emulated
/// @param endpoints addresses to announce instead of this computer's own
/// @param imageCacheBytes how much disk the images of past leases may use
/// @param streamImages whether guests start before their image is here as a whole
/// @param meterInterval how often the meter is read and sent
/// @param owner when guests may run, and how much they may take
/// @param tariff what a busy slot costs in energy
/// @param pagePort where the owner's page is, 0 for any port
/// @param site where the computer stands and what line it has
/// @param trust what it proves of itself with
/// @param volumes what it keeps for buyers whose guests are gone
/// @param sharing whether it exchanges images with neighbours
public record Settings(
        String name,
        Credits pricePerHour,
        int slots,
        MachineSize size,
        int udpPort,
        AccelerationChoice acceleration,
        GuestCardChoice guestCard,
        boolean sellEmulated,
        List<String> endpoints,
        long imageCacheBytes,
        boolean streamImages,
        Duration meterInterval,
        OwnerRules owner,
        Tariff tariff,
        int pagePort,
        Site site,
        TrustSettings trust,
        VolumeSettings volumes,
        SharingSettings sharing) {
    /// Copies the list.
    public Settings {
        endpoints = List.copyOf(endpoints);
    }
}
