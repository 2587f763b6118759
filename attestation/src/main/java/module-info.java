// SPDX-License-Identifier: Apache-2.0
import org.jspecify.annotations.NullMarked;

/// Evidence of what a seller's machine runs, and its verification by the buyer.
///
/// Reads and writes the structures of TPM 2.0, boot logs, AMD SEV-SNP reports and Intel TDX quotes.
/// No package but `tpm.device` opens files or sockets; trust anchors can be read from a folder.
@NullMarked
module org.sparegrid.attestation {
    requires org.bouncycastle.provider;
    requires static org.jspecify;

    exports org.sparegrid.attestation.appliance;
    exports org.sparegrid.attestation.attester;
    exports org.sparegrid.attestation.certificate;
    exports org.sparegrid.attestation.eventlog;
    exports org.sparegrid.attestation.ima;
    exports org.sparegrid.attestation.policy;
    exports org.sparegrid.attestation.protocol;
    exports org.sparegrid.attestation.quote;
    exports org.sparegrid.attestation.report;
    exports org.sparegrid.attestation.sev;
    exports org.sparegrid.attestation.tdx;
    exports org.sparegrid.attestation.tpm;
    exports org.sparegrid.attestation.tpm.device;
    exports org.sparegrid.attestation.verification;
    exports org.sparegrid.attestation.wire;
}
