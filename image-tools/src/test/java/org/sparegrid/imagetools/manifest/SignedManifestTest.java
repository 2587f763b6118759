// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.imagetools.manifest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.HexFormat;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.sparegrid.testsupport.Property;

class SignedManifestTest {
    private static final int TRAILER_BYTES = 16 + 64 + 1 + 10 + 128 + 1;

    private final ImageKeys keys = ImageKeys.generate();
    private final SignedManifest signed =
            SignedManifest.sign(Manifests.any(new SplittableRandom(1), keys.creator()), keys);

    @Test
    void readsWhatItSigned() throws ManifestFormatException {
        SignedManifest read = SignedManifest.parse(signed.toBytes(), keys.creator());

        assertThat(read.manifest()).isEqualTo(signed.manifest());
        assertThat(read.toBytes()).isEqualTo(signed.toBytes());
    }

    @Test
    void refusesAnyFlippedBitAndNamesThePart() {
        byte[] whole = signed.toBytes();
        int signatureStart = whole.length - 128 - 1 - 10;
        for (int bit = 0; bit < whole.length * 8; bit++) {
            byte[] flipped = whole.clone();
            flipped[bit / 8] ^= (byte) (1 << (bit % 8));
            String part = bit / 8 < signatureStart ? "manifest: " : "signature: ";

            assertThatThrownBy(() -> SignedManifest.parse(flipped))
                    .as("bit %d", bit)
                    .isInstanceOf(ManifestFormatException.class)
                    .hasMessageStartingWith(part);
        }
    }

    @Test
    void refusesAManifestWithAForgedDigestLine() {
        Manifest other = Manifests.any(new SplittableRandom(2), keys.creator());
        byte[] forged = SignedManifest.sign(other, keys).toBytes();
        byte[] whole = signed.toBytes();
        // The signature of one manifest under another, whose digest line is right.
        System.arraycopy(whole, whole.length - 139, forged, forged.length - 139, 139);

        assertThatThrownBy(() -> SignedManifest.parse(forged))
                .hasMessageStartingWith("signature: not made by the image's creator");
    }

    @Test
    void refusesAnotherCreator() {
        CreatorKey other = ImageKeys.generate().creator();

        assertThatThrownBy(() -> SignedManifest.parse(signed.toBytes(), other))
                .hasMessageStartingWith("signature: expected creator " + other);
    }

    @Test
    void signsOnlyForTheOwnerOfTheKey() {
        assertThatThrownBy(() -> SignedManifest.sign(signed.manifest(), ImageKeys.generate()))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void refusesAnythingCutOff() {
        byte[] whole = signed.toBytes();
        Property.holds(
                300,
                random -> {
                    byte[] cut = Arrays.copyOf(whole, random.nextInt(whole.length));
                    assertThatThrownBy(() -> SignedManifest.parse(cut))
                            .isInstanceOf(ManifestFormatException.class);
                });
        assertThat(whole.length).isGreaterThan(TRAILER_BYTES);
    }

    /// Source: RFC 8032, section 7.1, test 2.
    @Test
    void verifiesThePublishedSignature() {
        CreatorKey key =
                CreatorKey.parse(
                        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c");
        byte[] signature =
                HexFormat.of()
                        .parseHex(
                                "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
                                        + "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00");

        assertThat(key.verifies(new byte[] {0x72}, signature)).isTrue();
        assertThat(key.verifies(new byte[] {0x73}, signature)).isFalse();
    }
}
