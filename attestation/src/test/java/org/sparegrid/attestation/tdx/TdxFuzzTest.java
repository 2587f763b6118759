// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.attestation.tdx;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.time.Instant;
import java.util.Arrays;
import org.sparegrid.attestation.wire.EvidenceFormatException;
import org.sparegrid.attestation.wire.Octets;

class TdxFuzzTest {
    private static final Instant NOW = Instant.parse("2026-06-01T00:00:00Z");
    private static final Instant THEN = Instant.parse("2023-07-01T00:00:00Z");
    private static final byte[] REAL = TdxVectors.quote("sample-v5.dat");
    private static final TdxVerifier.Result.Verified VERIFIED =
            (TdxVerifier.Result.Verified)
                    TdxVerifier.verify(TdxVectors.quote("spr-e4-v4.dat"), TdxVectors.INTEL, THEN);
    private static final TdxCollateral GOOD = collateral();

    private static TdxCollateral collateral() {
        try {
            return TdxVectors.collateral();
        } catch (EvidenceFormatException impossible) {
            throw new AssertionError("a real answer of Intel's", impossible);
        }
    }

    @FuzzTest
    void readsQuotesOrRefusesThem(byte[] bytes) {
        try {
            assertThat(TdxQuote.parse(bytes).bytes().toBytes()).isEqualTo(bytes);
        } catch (EvidenceFormatException expected) {
            assertThat(expected.getMessage()).isNotEmpty();
        }
    }

    /// The input overwrites parts of a real quote: pairs of an offset and a byte.
    @FuzzTest
    void believesNoChangedQuote(byte[] changes) {
        byte[] quote = REAL.clone();
        for (int i = 0; i + 2 < changes.length; i += 3) {
            int at = (Byte.toUnsignedInt(changes[i]) << 8) | Byte.toUnsignedInt(changes[i + 1]);
            quote[at % quote.length] = changes[i + 2];
        }
        assertThat(
                        TdxVerifier.verify(quote, TdxVectors.INTEL, NOW)
                                instanceof TdxVerifier.Result.Verified)
                .isEqualTo(Arrays.equals(quote, REAL));
    }

    @FuzzTest
    void believesNoOtherCollateral(byte[] answer) {
        assertThat(
                        TdxTcb.rate(
                                VERIFIED,
                                new TdxCollateral(
                                        Octets.of(answer),
                                        GOOD.quotingEnclaveIdentity(),
                                        GOOD.signerChain()),
                                TdxVectors.INTEL,
                                THEN))
                .isInstanceOf(TdxTcb.Result.Refused.class);
    }
}
