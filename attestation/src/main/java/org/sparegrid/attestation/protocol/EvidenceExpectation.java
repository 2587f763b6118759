// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.attestation.protocol;

import java.security.PublicKey;
import org.sparegrid.attestation.quote.ClockRule;
import org.sparegrid.attestation.wire.Octets;

/// What evidence has to show.
///
/// @param terms what the buyer asked for
/// @param moment at which time of the lease
/// @param sequence number of the quote in the lease
/// @param nonce the verifier's, redeemed
/// @param promise which registers, and their values
/// @param certifiedKey the key of the endorsement certificate, believed down to a root
/// @param clock what the TPM's clock has to show
/// @param machinesMax how many machines may run on the computer, this one included
public record EvidenceExpectation(
        LeaseTerms terms,
        Binding.Moment moment,
        long sequence,
        Octets nonce,
        BootPromise promise,
        PublicKey certifiedKey,
        ClockRule clock,
        int machinesMax) {}
