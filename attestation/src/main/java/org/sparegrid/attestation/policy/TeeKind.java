// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.attestation.policy;

import java.util.List;

/// A way of processors to encrypt a guest's memory.
public enum TeeKind {
    SEV_SNP("sev-snp"),
    TDX("tdx");

    private final String id;

    TeeKind(String id) {
        this.id = id;
    }

    /// The word in policies.
    public String id() {
        return id;
    }

    static List<String> ids() {
        return List.of(SEV_SNP.id, TDX.id);
    }

    static TeeKind named(String id) {
        return id.equals(TDX.id) ? TDX : SEV_SNP;
    }
}
