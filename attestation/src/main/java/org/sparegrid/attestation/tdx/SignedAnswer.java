// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.attestation.tdx;

import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.Arrays;
import java.util.HexFormat;
import org.sparegrid.attestation.certificate.EcdsaKey;
import org.sparegrid.attestation.json.JsonMembers;
import org.sparegrid.attestation.json.JsonReader;
import org.sparegrid.attestation.wire.EvidenceFormatException;
import org.sparegrid.attestation.wire.Octets;

/// An answer of Intel's service: an object, and a signature over the bytes of that object.
///
/// @param body the signed object
/// @param signed its bytes in the answer
/// @param signature r and s
record SignedAnswer(JsonMembers body, Octets signed, Octets signature) {
    /// Reads an answer whose signed object is the member `name`.
    static SignedAnswer read(String structure, Octets answer, String name)
            throws EvidenceFormatException {
        byte[] bytes = answer.toBytes();
        JsonMembers all =
                JsonMembers.of(
                        structure,
                        JsonReader.object(structure, bytes, TdxCollateral.ANSWER_BYTES_MAX));
        JsonMembers body = all.members(name);
        byte[] signature = all.hex("signature", 64);
        if (!all.text("signature").equals(HexFormat.of().formatHex(signature))) {
            // One way to write it, so that no bit of an answer is without effect.
            throw all.wrong("signature", "digits in lower case", "others");
        }
        all.end();
        byte[] signed = Arrays.copyOfRange(bytes, body.span().start(), body.span().end());
        return new SignedAnswer(body, Octets.of(signed), Octets.of(signature));
    }

    boolean signedBy(EcdsaKey key) {
        byte[] message = signed.toBytes();
        byte[] both = signature.toBytes();
        return key.signed(
                message,
                0,
                message.length,
                Arrays.copyOf(both, 32),
                Arrays.copyOfRange(both, 32, 64));
    }

    /// Whether the answer holds at the time `at`.
    boolean currentAt(Instant at) throws EvidenceFormatException {
        return !at.isBefore(instant(body, "issueDate")) && !at.isAfter(instant(body, "nextUpdate"));
    }

    /// A time in ISO 8601, as Intel writes it.
    static Instant instant(JsonMembers members, String name) throws EvidenceFormatException {
        String text = members.text(name);
        try {
            return Instant.parse(text);
        } catch (DateTimeParseException _) {
            throw members.wrong(name, "a time such as 2023-06-18T08:42:58Z", "another text");
        }
    }
}
