// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.attestation.tdx;

import java.io.IOException;
import java.io.InputStream;
import java.security.cert.X509CRL;
import java.util.List;
import org.sparegrid.attestation.certificate.Certificates;
import org.sparegrid.attestation.certificate.ChainValidator;
import org.sparegrid.attestation.certificate.RevocationRule;
import org.sparegrid.attestation.certificate.VendorRoots;
import org.sparegrid.attestation.wire.EvidenceFormatException;
import org.sparegrid.attestation.wire.Octets;

/// Quotes and collateral of real platforms; see the README beside them.
final class TdxVectors {
    static final ChainValidator INTEL =
            new ChainValidator(VendorRoots.intel(), List.of(), RevocationRule.IF_PRESENT);

    private TdxVectors() {}

    static byte[] bytes(String name) {
        try (InputStream file = TdxVectors.class.getResourceAsStream(name)) {
            return file.readAllBytes();
        } catch (IOException failure) {
            throw new AssertionError(name, failure);
        }
    }

    static byte[] quote(String name) {
        try {
            return TdxQuote.fromBuffer(bytes(name));
        } catch (EvidenceFormatException failure) {
            throw new AssertionError(name, failure);
        }
    }

    static List<X509CRL> lists() throws EvidenceFormatException {
        return List.of(
                Certificates.revocationList(bytes("root.crl")),
                Certificates.revocationList(bytes("pck-platform.crl")));
    }

    static TdxCollateral collateral() throws EvidenceFormatException {
        return new TdxCollateral(
                Octets.of(bytes("tcb-info.json")),
                Octets.of(bytes("qe-identity.json")),
                Certificates.strictPem(bytes("tcb-signing.pem")));
    }
}
