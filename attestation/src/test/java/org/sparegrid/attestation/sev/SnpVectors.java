// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.attestation.sev;

import java.io.IOException;
import java.io.InputStream;
import java.security.cert.X509Certificate;
import java.util.List;
import org.sparegrid.attestation.certificate.Certificates;
import org.sparegrid.attestation.certificate.ChainValidator;
import org.sparegrid.attestation.certificate.RevocationRule;
import org.sparegrid.attestation.certificate.VendorRoots;
import org.sparegrid.attestation.wire.EvidenceFormatException;

/// Reports and certificates of real processors; see the README beside them.
final class SnpVectors {
    static final ChainValidator AMD =
            new ChainValidator(VendorRoots.amd(), List.of(), RevocationRule.IF_PRESENT);

    private SnpVectors() {}

    static byte[] bytes(String name) {
        try (InputStream file = SnpVectors.class.getResourceAsStream(name)) {
            return file.readAllBytes();
        } catch (IOException failure) {
            throw new AssertionError(name, failure);
        }
    }

    static X509Certificate certificate(String name) {
        try {
            return Certificates.certificate(bytes(name));
        } catch (EvidenceFormatException failure) {
            throw new AssertionError(name, failure);
        }
    }
}
