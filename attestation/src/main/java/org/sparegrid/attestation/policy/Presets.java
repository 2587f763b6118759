// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.attestation.policy;

import java.util.Map;
import java.util.Set;
import org.sparegrid.attestation.certificate.RevocationRule;
import org.sparegrid.attestation.report.Level;
import org.sparegrid.attestation.sev.SnpTcb;
import org.sparegrid.attestation.tdx.TcbStatus;

/// What each level asks for unless a policy says otherwise.
///
/// `measured` and `confidential` need reference values on top (registers, measurements), which only
/// whoever built the appliance or the image knows: without them nothing is accepted.
public final class Presets {
    private static final int MACHINES_PER_HOST_MAX = 64;

    private static final Policy.TpmRules TPM =
            new Policy.TpmRules(Set.of(), false, Set.of(), RevocationRule.IF_PRESENT, false);
    private static final Policy.BootRules BOOT = new Policy.BootRules(true, Map.of(), Map.of());
    private static final Policy.MachineRules MACHINE =
            new Policy.MachineRules(Set.of(), MACHINES_PER_HOST_MAX);

    /// Milan is left out: its root of keys was extracted by software alone (arXiv 2605.12990).
    private static final Policy.TeeRules TEE =
            new Policy.TeeRules(
                    Set.of(TeeKind.values()),
                    Set.of("genoa", "turin"),
                    new SnpTcb(0, 0, 0, 0, 0),
                    Set.of(TcbStatus.UP_TO_DATE, TcbStatus.SW_HARDENING_NEEDED),
                    false,
                    false,
                    true,
                    RevocationRule.IF_PRESENT,
                    Set.of());

    private Presets() {}

    /// The policy that is nothing but a level.
    public static Policy of(Level level) {
        return new Policy(level, TPM, BOOT, MACHINE, TEE);
    }
}
