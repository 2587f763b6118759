// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.attestation.policy;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.sparegrid.attestation.certificate.ChainResult;
import org.sparegrid.attestation.sev.SnpTcb;
import org.sparegrid.attestation.tdx.TcbStatus;
import org.sparegrid.attestation.wire.Octets;

/// Something that verified evidence established, for a policy to weigh.
///
/// Only a verifier that has checked signatures and chains makes facts; what evidence merely claims
/// never becomes one.
public sealed interface Fact {
    /// A TPM whose endorsement certificate is believed.
    ///
    /// @param keyDigest SHA-256 of the endorsement key in hexadecimal
    /// @param vendorRoot whether a maker's root stands behind it, not somebody's own
    record Tpm(
            String manufacturer,
            String keyDigest,
            boolean vendorRoot,
            ChainResult.Revocation revocation,
            KeyProof keyProof)
            implements Fact {}

    /// Who made sure that the quoting key sits in the TPM of the endorsement certificate.
    enum KeyProof {
        /// The verifier, by his own challenge.
        VERIFIER,
        /// Somebody else says he did.
        VOUCHED,
        /// Nobody.
        NONE
    }

    /// The state in which a computer booted, from a quote that is believed.
    ///
    /// @param registers the quoted PCRs of the SHA-256 bank
    /// @param programs what firmware started, in order, from an event log that the quote explains;
    ///   empty if there is none
    record Boot(Map<Integer, Octets> registers, SecureBoot secureBoot, List<Octets> programs)
            implements Fact {
        public Boot {
            registers = new TreeMap<>(registers);
            programs = List.copyOf(programs);
        }

        @Override
        public Map<Integer, Octets> registers() {
            return java.util.Collections.unmodifiableMap(registers);
        }
    }

    /// Whether the firmware let only signed programs start, as far as the event log tells.
    enum SecureBoot {
        ON,
        OFF,
        UNKNOWN
    }

    /// The buyer's machine, as the measured agent states it.
    ///
    /// @param machinesOnHost how many machines ran on the computer, this one included
    record Machine(Octets imageDigest, int machinesOnHost) implements Fact {}

    /// A guest whose memory the processor encrypts, from a report that is believed.
    ///
    /// @param product such as `genoa`; empty for TDX, where the level of firmware tells
    /// @param measurement of the guest at launch, 48 bytes
    record Tee(
            TeeKind kind,
            String product,
            Firmware firmware,
            boolean debug,
            boolean migration,
            AliasCheck aliasCheck,
            Octets measurement,
            Binding binding,
            ChainResult.Revocation revocation)
            implements Fact {}

    /// Whether memory was searched for aliases, which BadRAM needs.
    enum AliasCheck {
        DONE,
        NOT_DONE,
        /// The kind of processor does not report it.
        NOT_REPORTED
    }

    /// Whether the report names what the verifier expects it to name: lease, key and nonce.
    enum Binding {
        BOUND,
        OTHER,
        NOT_CHECKED
    }

    /// How old the firmware of a processor is.
    sealed interface Firmware {
        /// Of AMD: numbers to compare.
        record Snp(SnpTcb tcb) implements Firmware {}

        /// Of Intel: Intel's own rating.
        record Tdx(TcbStatus status) implements Firmware {}

        /// The collateral that would tell was missing or not believed.
        record Unrated(String reason) implements Firmware {}
    }
}
