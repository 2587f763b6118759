// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.imagetools.iso;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

class IsoImageFuzzTest {
    /// Jazzer's bytes replace the descriptors and folders of a sound image.
    @FuzzTest
    void endsWithContentsOrAnError(byte[] bytes) throws IOException {
        byte[] iso = TinyIso.live().toBytes();
        int length = Math.min(bytes.length, iso.length - TinyIso.PRIMARY);
        System.arraycopy(bytes, 0, iso, TinyIso.PRIMARY, length);
        Path file = Files.createTempFile("fuzz", ".iso");
        try {
            IsoImage image = IsoImage.read(Files.write(file, iso));
            assertThat(image.entries()).hasSizeLessThanOrEqualTo(IsoLimits.ENTRIES_MAX);
        } catch (IsoFormatException expected) {
            assertThat(expected).hasMessageStartingWith("iso: ");
        } finally {
            Files.delete(file);
        }
    }
}
