// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.attestation.certificate;

import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;
import org.sparegrid.attestation.wire.EvidenceFormatException;

/// The TPM attributes in the subject alternative name of an endorsement certificate.
///
/// Source: TCG EK Credential Profile 2.5, section 3.2.9.
record TpmNames(String manufacturer, String model, String firmware) {
    private static final String MANUFACTURER = "2.23.133.2.1";
    private static final String MODEL = "2.23.133.2.2";
    private static final String VERSION = "2.23.133.2.3";
    private static final int DIRECTORY_NAME = 0xa4;
    private static final int ATTRIBUTES_MAX = 16;

    /// Reads the extension value, which the JDK hands out wrapped in an octet string.
    static TpmNames parse(byte[] extension) throws EvidenceFormatException {
        DerReader wrapper = DerReader.of("ek certificate", extension);
        DerReader names =
                DerReader.of("ek certificate", wrapper.contents(DerReader.OCTET_STRING))
                        .inside(DerReader.SEQUENCE);
        Map<String, String> attributes = new HashMap<>();
        while (names.more()) {
            if (names.nextTag() == DIRECTORY_NAME) {
                read(names.inside(DIRECTORY_NAME).inside(DerReader.SEQUENCE), attributes);
            } else {
                names.skip();
            }
        }
        for (String needed : new String[] {MANUFACTURER, MODEL, VERSION}) {
            if (!attributes.containsKey(needed)) {
                throw new EvidenceFormatException(
                        "ek certificate: expected the attribute " + needed + " of a TPM");
            }
        }
        return new TpmNames(
                manufacturer(attributes.getOrDefault(MANUFACTURER, "")),
                attributes.getOrDefault(MODEL, ""),
                attributes.getOrDefault(VERSION, ""));
    }

    private static void read(DerReader names, Map<String, String> attributes)
            throws EvidenceFormatException {
        while (names.more()) {
            DerReader relative = names.inside(DerReader.SET);
            while (relative.more()) {
                DerReader attribute = relative.inside(DerReader.SEQUENCE);
                String type = attribute.oid();
                String value = attribute.text();
                attribute.end();
                boolean again = attributes.put(type, value) != null;
                if ((again && type.startsWith("2.23.133.2."))
                        || attributes.size() > ATTRIBUTES_MAX) {
                    throw new EvidenceFormatException(
                            "ek certificate: expected each attribute of a TPM once");
                }
            }
        }
    }

    /// `id:494E5443` as `INTC`; digits that are no letters stay digits.
    private static String manufacturer(String written) throws EvidenceFormatException {
        if (!written.matches("id:[0-9A-Fa-f]{8}")) {
            throw new EvidenceFormatException(
                    "ek certificate: expected a manufacturer as 'id:' and 8 hexadecimal digits");
        }
        byte[] letters = HexFormat.of().parseHex(written.substring(3));
        String name = new String(letters, StandardCharsets.US_ASCII).replaceAll("[\0 ]+$", "");
        return name.matches("[A-Za-z]{2,4}")
                ? name
                : written.substring(3).toUpperCase(java.util.Locale.ROOT);
    }
}
