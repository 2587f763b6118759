// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.trade;

import org.sparegrid.coordinator.market.AskAttributes;
import org.sparegrid.protocol.market.Acceleration;
import org.sparegrid.protocol.market.Ask;
import org.sparegrid.protocol.market.AskTraits;

/// Puts together what is known of an offer.
final class Attributes {
    private Attributes() {}

    /// What the seller says. Nothing is measured by the coordinator yet, so that the round trip,
    /// rating, reliability and attestation are unknown.
    static AskAttributes of(Ask ask, String owner) {
        AskTraits traits = ask.traits();
        return new AskAttributes(
                ask.pricePerHour(),
                ask.size(),
                ask.cpuScore(),
                traits.upKilobits(),
                traits.downKilobits(),
                AskAttributes.UNKNOWN_LATENCY,
                0,
                0,
                0,
                traits.networkFeePerGigabyte(),
                traits.openUdp(),
                ask.acceleration() == Acceleration.KVM,
                traits.country(),
                traits.hardware(),
                owner,
                traits.pool(),
                traits.hours());
    }
}
