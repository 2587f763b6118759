// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.attestation.json;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import org.sparegrid.attestation.wire.EvidenceFormatException;

class JsonFuzzTest {
    @FuzzTest
    void writesWhatItRead(byte[] bytes) throws EvidenceFormatException {
        JsonValue.JsonObject object;
        try {
            object = JsonReader.object("json", bytes, 100_000);
        } catch (EvidenceFormatException expected) {
            assertThat(expected).hasMessageStartingWith("json: ");
            return;
        }
        String written = JsonWriter.write(object);
        assertThat(JsonWriter.write(JsonReader.object("json", written.getBytes(UTF_8), 1 << 24)))
                .isEqualTo(written);
    }
}
