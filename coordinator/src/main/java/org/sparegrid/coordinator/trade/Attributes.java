// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.trade;

import org.sparegrid.coordinator.market.AskAttributes;
import org.sparegrid.coordinator.market.Knowledge;
import org.sparegrid.protocol.market.Acceleration;
import org.sparegrid.protocol.market.Ask;
import org.sparegrid.protocol.market.AskTraits;

/// Puts together what is known of an offer.
final class Attributes {
    private Attributes() {}

    /// What the seller says and what was measured; nothing is known of its attestation yet.
    static AskAttributes of(Ask ask, String owner, Knowledge known) {
        AskTraits traits = ask.traits();
        return new AskAttributes(
                ask.pricePerHour(),
                ask.size(),
                ask.cpuScore(),
                traits.upKilobits(),
                traits.downKilobits(),
                known.latencyMicros(),
                known.rating(),
                known.nines(),
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
