// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.attestation.policy;

import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.sparegrid.attestation.appliance.ApplianceBoot;
import org.sparegrid.attestation.certificate.RevocationRule;
import org.sparegrid.attestation.report.Level;
import org.sparegrid.attestation.sev.SnpTcb;
import org.sparegrid.attestation.tdx.TcbStatus;
import org.sparegrid.attestation.wire.Octets;

/// What a buyer wants proven. What a policy does not allow is refused.
///
/// Source: docs/protocol/attestation-policy.md, section 2.
public record Policy(
        Level level, TpmRules tpm, BootRules boot, MachineRules machine, TeeRules tee) {
    /// What the TPM has to be; asked for by `identified` and `measured`.
    ///
    /// @param manufacturers letters of makers; empty for any
    /// @param softwareAllowed whether a root that is not a maker's is enough, for trials
    /// @param deniedKeys SHA-256 of endorsement keys in hexadecimal that are refused
    /// @param vouchedAllowed whether the coordinator's word is enough that the key is the TPM's
    public record TpmRules(
            Set<String> manufacturers,
            boolean softwareAllowed,
            Set<String> deniedKeys,
            RevocationRule revocation,
            boolean vouchedAllowed) {
        public TpmRules {
            manufacturers = Set.copyOf(manufacturers);
            deniedKeys = Set.copyOf(deniedKeys);
        }
    }

    /// What has to have booted; asked for by `measured`.
    ///
    /// @param appliances the versions of the appliance that are accepted, by their names; empty for
    ///   any, if `registers` are named
    /// @param registers for each PCR named, the values that are accepted
    public record BootRules(
            boolean secureBootRequired,
            Map<String, ApplianceBoot> appliances,
            Map<Integer, Set<Octets>> registers) {
        public BootRules {
            appliances = new TreeMap<>(appliances);
            registers = new TreeMap<>(registers);
        }

        @Override
        public Map<String, ApplianceBoot> appliances() {
            return java.util.Collections.unmodifiableMap(appliances);
        }

        @Override
        public Map<Integer, Set<Octets>> registers() {
            return java.util.Collections.unmodifiableMap(registers);
        }
    }

    /// What has to have been started; asked for by `measured`.
    ///
    /// @param images SHA-256 of images that are accepted; empty for any
    /// @param perHostMax how many machines may run on the computer
    public record MachineRules(Set<Octets> images, int perHostMax) {
        public MachineRules {
            images = Set.copyOf(images);
        }
    }

    /// What the processor has to say; asked for by `confidential`.
    ///
    /// @param products of AMD that are accepted, in lower case
    /// @param minimumTcb oldest firmware of AMD that is accepted
    /// @param statuses Intel's ratings that are accepted
    /// @param measurements of guests that are accepted; a policy without one accepts none
    public record TeeRules(
            Set<TeeKind> kinds,
            Set<String> products,
            SnpTcb minimumTcb,
            Set<TcbStatus> statuses,
            boolean debugAllowed,
            boolean migrationAllowed,
            boolean aliasCheckRequired,
            RevocationRule revocation,
            Set<Octets> measurements) {
        public TeeRules {
            kinds = Set.copyOf(kinds);
            products = Set.copyOf(products);
            statuses = Set.copyOf(statuses);
            measurements = Set.copyOf(measurements);
        }
    }
}
