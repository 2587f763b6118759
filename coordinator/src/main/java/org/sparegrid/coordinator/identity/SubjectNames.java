// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.identity;

import java.io.IOException;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.regex.Pattern;
import org.bouncycastle.asn1.ASN1OctetString;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.util.IPAddress;

/// The names that a server's certificate is valid for.
final class SubjectNames {
    private static final Pattern LABEL =
            Pattern.compile("[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?");

    private SubjectNames() {}

    static GeneralNames of(List<String> hostsAndAddresses) {
        if (hostsAndAddresses.isEmpty()) {
            throw new IllegalArgumentException("server certificate: expected at least one name");
        }
        return new GeneralNames(
                hostsAndAddresses.stream()
                        .distinct()
                        .sorted()
                        .map(SubjectNames::name)
                        .toArray(GeneralName[]::new));
    }

    private static GeneralName name(String text) {
        if (IPAddress.isValid(text)) {
            return new GeneralName(GeneralName.iPAddress, text);
        }
        if (!isHost(text)) {
            throw new IllegalArgumentException(
                    "server certificate: expected a host name or an IP address, got '"
                            + text
                            + "'");
        }
        return new GeneralName(GeneralName.dNSName, text);
    }

    private static boolean isHost(String text) {
        return text.length() <= 253
                && List.of(text.split("[.]", -1)).stream()
                        .allMatch(label -> LABEL.matcher(label).matches());
    }

    static GeneralNames of(X509Certificate certificate) throws IOException {
        byte[] extension = certificate.getExtensionValue(Extension.subjectAlternativeName.getId());
        if (extension == null) {
            throw new IOException("server certificate: expected alternative names");
        }
        return GeneralNames.getInstance(ASN1OctetString.getInstance(extension).getOctets());
    }
}
