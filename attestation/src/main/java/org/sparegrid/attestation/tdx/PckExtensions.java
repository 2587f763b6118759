// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.attestation.tdx;

import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.sparegrid.attestation.certificate.DerReader;
import org.sparegrid.attestation.wire.EvidenceFormatException;
import org.sparegrid.attestation.wire.Octets;

/// Intel's extension in the certificate of a platform's key (PCK).
///
/// Source: Intel SGX PCK certificate and CRL profile, section 1.3.5.
///
/// @param platform the kind of processor (FMSPC), which collateral is looked up by
/// @param certifier number of the enclave that certifies quoting enclaves (PCEID)
/// @param tcbVersions of the 16 parts of the platform
/// @param certifierVersion security version of that enclave (PCESVN)
public record PckExtensions(
        Octets platform, Octets certifier, List<Integer> tcbVersions, int certifierVersion) {
    private static final String NAME = "pck certificate";
    private static final String BASE = "1.2.840.113741.1.13.1";
    private static final int ENTRIES_MAX = 32;

    public PckExtensions {
        tcbVersions = List.copyOf(tcbVersions);
    }

    static PckExtensions of(X509Certificate certificate) throws EvidenceFormatException {
        byte @Nullable [] wrapped = certificate.getExtensionValue(BASE);
        if (wrapped == null) {
            throw new EvidenceFormatException(NAME + ": expected the extension " + BASE);
        }
        DerReader all =
                DerReader.of(NAME, DerReader.of(NAME, wrapped).contents(DerReader.OCTET_STRING))
                        .inside(DerReader.SEQUENCE);
        @Nullable Octets platform = null;
        @Nullable Octets certifier = null;
        @Nullable List<Integer> versions = null;
        for (int i = 0; all.more() && i < ENTRIES_MAX; i++) {
            DerReader entry = all.inside(DerReader.SEQUENCE);
            switch (entry.oid()) {
                case BASE + ".2" -> versions = versions(entry.inside(DerReader.SEQUENCE));
                case BASE + ".3" -> certifier = octets(entry, 2);
                case BASE + ".4" -> platform = octets(entry, 6);
                default -> entry.skip();
            }
            entry.end();
        }
        all.end();
        if (platform == null || certifier == null || versions == null) {
            throw new EvidenceFormatException(
                    NAME + ": expected TCB, PCEID and FMSPC in the extension");
        }
        return new PckExtensions(
                platform,
                certifier,
                versions.subList(0, TcbVersions.COUNT),
                versions.get(TcbVersions.COUNT));
    }

    /// The 16 versions of the parts, then that of the certifying enclave.
    private static List<Integer> versions(DerReader parts) throws EvidenceFormatException {
        Integer[] versions = new Integer[TcbVersions.COUNT + 1];
        for (int i = 0; parts.more() && i < ENTRIES_MAX; i++) {
            DerReader part = parts.inside(DerReader.SEQUENCE);
            String oid = part.oid();
            int index = index(oid);
            if (index < versions.length) {
                versions[index] = part.number(DerReader.INTEGER, 0xffff);
            } else {
                part.skip();
            }
            part.end();
        }
        parts.end();
        if (Arrays.asList(versions).contains(null)) {
            throw new EvidenceFormatException(NAME + ": expected 17 security versions");
        }
        return new ArrayList<>(Arrays.asList(versions));
    }

    private static int index(String oid) {
        String last = oid.substring(oid.lastIndexOf('.') + 1);
        boolean part = oid.equals(BASE + ".2." + last) && last.length() <= 2;
        return part ? Integer.parseInt(last) - 1 : Integer.MAX_VALUE;
    }

    private static Octets octets(DerReader entry, int length) throws EvidenceFormatException {
        byte[] octets = entry.contents(DerReader.OCTET_STRING);
        if (octets.length != length) {
            throw new EvidenceFormatException(
                    NAME + ": expected " + length + " bytes, got " + octets.length);
        }
        return Octets.of(octets);
    }
}
