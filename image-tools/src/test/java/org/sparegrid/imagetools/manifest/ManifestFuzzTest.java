// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.imagetools.manifest;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.nio.ByteBuffer;

class ManifestFuzzTest {
    @FuzzTest
    void readsOnlyWhatItWouldWrite(byte[] bytes) {
        try {
            assertThat(Manifest.parse(ByteBuffer.wrap(bytes)).toBytes()).isEqualTo(bytes);
        } catch (ManifestFormatException expected) {
            assertThat(expected).hasMessageStartingWith("manifest: ");
        }
    }

    @FuzzTest
    void believesNoSignature(byte[] bytes) {
        try {
            assertThat(SignedManifest.parse(bytes).toBytes()).isEqualTo(bytes);
        } catch (ManifestFormatException expected) {
            assertThat(expected.getMessage()).matches("(?s)(manifest|signature): .*");
        }
    }
}
