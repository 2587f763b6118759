// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.attestation.sev;

import java.security.cert.X509Certificate;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.sparegrid.attestation.certificate.Certificates;
import org.sparegrid.attestation.certificate.DerReader;
import org.sparegrid.attestation.wire.EvidenceFormatException;
import org.sparegrid.attestation.wire.Octets;

/// AMD's extensions in the certificate of a VCEK or VLEK.
///
/// Source: AMD 57230 (VCEK certificate and KDS interface), table 8.
record SnpExtensions(SnpSigningKey kind, SnpProduct product, SnpTcb tcb, Optional<Octets> chipId) {
    private static final String BASE = "1.3.6.1.4.1.3704.1.";
    private static final String STRUCTURE_VERSION = BASE + "1";
    private static final String PRODUCT_NAME = BASE + "2";
    private static final String BOOT_LOADER = BASE + "3.1";
    private static final String TRUSTED_OS = BASE + "3.2";
    private static final String SNP_FIRMWARE = BASE + "3.3";
    private static final String MICROCODE = BASE + "3.8";
    private static final String FRONT_END = BASE + "3.9";
    private static final String CHIP_ID = BASE + "4";
    private static final int CHIP_ID_BYTES_MAX = 64;

    static SnpExtensions of(X509Certificate certificate) throws EvidenceFormatException {
        SnpSigningKey kind = kind(certificate);
        int structure = number(certificate, STRUCTURE_VERSION);
        if (structure > 1) {
            throw new EvidenceFormatException(
                    "snp certificate: expected structure 0 or 1, got " + structure);
        }
        SnpProduct product = product(certificate);
        int frontEnd = product == SnpProduct.TURIN ? number(certificate, FRONT_END) : 0;
        SnpTcb tcb =
                new SnpTcb(
                        frontEnd,
                        number(certificate, BOOT_LOADER),
                        number(certificate, TRUSTED_OS),
                        number(certificate, SNP_FIRMWARE),
                        number(certificate, MICROCODE));
        return new SnpExtensions(kind, product, tcb, chipId(certificate, kind));
    }

    private static SnpSigningKey kind(X509Certificate certificate) throws EvidenceFormatException {
        String name = Certificates.commonName(certificate).orElse("");
        return switch (name) {
            case "SEV-VCEK" -> SnpSigningKey.VCEK;
            case "SEV-VLEK" -> SnpSigningKey.VLEK;
            default ->
                    throw new EvidenceFormatException(
                            "snp certificate: expected the subject SEV-VCEK or SEV-VLEK");
        };
    }

    private static SnpProduct product(X509Certificate certificate) throws EvidenceFormatException {
        DerReader value = DerReader.of("snp certificate", value(certificate, PRODUCT_NAME));
        if (value.nextTag() != DerReader.IA5_STRING) {
            throw new EvidenceFormatException("snp certificate: expected a product name");
        }
        String name = value.text();
        value.end();
        return SnpProduct.named(name)
                .orElseThrow(() ->
                        new EvidenceFormatException(
                                "snp certificate: expected the product Milan, Genoa or"
                                        + " Turin, got another"));
    }

    private static Optional<Octets> chipId(X509Certificate certificate, SnpSigningKey kind)
            throws EvidenceFormatException {
        if (kind == SnpSigningKey.VLEK) {
            return Optional.empty();
        }
        // AMD writes the number itself where other extensions have a DER value.
        byte[] id = value(certificate, CHIP_ID);
        if (id.length != 8 && id.length != CHIP_ID_BYTES_MAX) {
            throw new EvidenceFormatException(
                    "snp certificate: expected a chip id of 8 or 64 bytes, got " + id.length);
        }
        return Optional.of(Octets.of(java.util.Arrays.copyOf(id, CHIP_ID_BYTES_MAX)));
    }

    private static int number(X509Certificate certificate, String oid)
            throws EvidenceFormatException {
        DerReader value = DerReader.of("snp certificate", value(certificate, oid));
        int number = value.number(DerReader.INTEGER, 255);
        value.end();
        return number;
    }

    private static byte[] value(X509Certificate certificate, String oid)
            throws EvidenceFormatException {
        byte @Nullable [] wrapped = certificate.getExtensionValue(oid);
        if (wrapped == null) {
            throw new EvidenceFormatException("snp certificate: expected the extension " + oid);
        }
        DerReader wrapper = DerReader.of("snp certificate", wrapped);
        byte[] value = wrapper.contents(DerReader.OCTET_STRING);
        wrapper.end();
        return value;
    }
}
