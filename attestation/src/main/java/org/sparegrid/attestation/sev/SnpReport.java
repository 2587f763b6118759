// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.attestation.sev;

import java.util.Arrays;
import java.util.Optional;
import org.sparegrid.attestation.certificate.EcdsaKey;
import org.sparegrid.attestation.wire.ByteReader;
import org.sparegrid.attestation.wire.EvidenceFormatException;
import org.sparegrid.attestation.wire.Octets;

/// What an AMD processor states about a guest in SEV-SNP, signed by its own key.
///
/// The report is 1184 bytes long; integers are little-endian.
///
/// ```text
///  offset  size  field
///       0     4  version             2, 3 or 5
///       4     4  guest security version
///       8     8  policy              see SnpPolicy
///      16    16  family id           from the owner of the guest
///      32    16  image id            from the owner of the guest
///      48     4  privilege level     0 to 3
///      52     4  signature           1 = ECDSA P-384 with SHA-384
///      56     8  current TCB         see SnpTcb
///      64     8  platform            see SnpPlatform
///      72     4  flags               bit 0 author key, 1 unsigned, 2-4 key: 0 VCEK, 1 VLEK
///      76     4  0
///      80    64  report data         from the guest
///     144    48  measurement         of the guest's memory at launch
///     192    32  host data           from the host at launch
///     224    48  digest of the id key
///     272    48  digest of the author key
///     320    32  report id
///     352    32  report id of the migration agent
///     384     8  reported TCB        the one the key is derived from
///     392     3  CPUID family, model, stepping   from version 3 on, else 0
///     395    21  0
///     416    64  chip id             zeros if the host hides it
///     480     8  committed TCB
///     488     8  current build, minor, major, 0; committed build, minor, major, 0
///     496     8  launch TCB
///     504    16  mitigations at launch and now   from version 5 on, else 0
///     520   152  0
///     672    72  r, 744  72  s, each 48 bytes and 24 zeros
///     816   368  0
/// ```
///
/// Source: AMD 56860 (SEV-SNP firmware ABI) 1.58, tables 22 to 24 and chapter 10.
///
/// @param reportedTcbBits the TCB that the key was derived from, read by [#reportedTcb(SnpProduct)]
/// @param signed the whole report, whose first 672 bytes are signed
public record SnpReport(
        int version,
        long guestSecurityVersion,
        SnpPolicy policy,
        int privilegeLevel,
        SnpPlatform platform,
        SnpSigningKey signingKey,
        Octets reportData,
        Octets measurement,
        Octets hostData,
        Octets idKeyDigest,
        Octets chipId,
        Optional<SnpProduct> product,
        long currentTcbBits,
        long reportedTcbBits,
        long committedTcbBits,
        long launchTcbBits,
        Octets signed) {
    /// Length of every report.
    public static final int LENGTH = 1184;

    /// Length of the part that is signed.
    static final int SIGNED_LENGTH = 672;

    private static final int ECDSA_P384 = 1;
    private static final int HALF = EcdsaKey.Curve.P384.lengthBytes();
    private static final int HALF_PADDING = 24;
    private static final int PRIVILEGE_LEVEL_MAX = 3;
    private static final String NAME = "snp report";

    /// Reads the one report that fills `bytes`.
    ///
    /// @throws EvidenceFormatException if the length or any field is not as specified
    public static SnpReport parse(byte[] bytes) throws EvidenceFormatException {
        ByteReader in = ByteReader.littleEndian(NAME, bytes);
        in.check(bytes.length == LENGTH, LENGTH + " bytes", 0, bytes.length);
        final int version = (int) in.u32();
        in.check(version == 2 || version == 3 || version == 5, "version 2, 3 or 5", 0, version);
        final long guestSecurityVersion = in.u32();
        final SnpPolicy policy = SnpPolicy.parse(in.u64());
        in.skip(32);
        final long level = in.u32();
        in.check(level <= PRIVILEGE_LEVEL_MAX, "a privilege level of 0 to 3", 48, level);
        final long algorithm = in.u32();
        in.check(algorithm == ECDSA_P384, "signature 1 (ECDSA P-384)", 52, algorithm);
        final long currentTcb = in.u64();
        final SnpPlatform platform = SnpPlatform.parse(in.u64());
        final long flags = in.u32();
        in.check(flags >>> 5 == 0, "no reserved flags", 72, flags);
        in.check((flags & 2) == 0, "a signed report", 72, flags);
        final SnpSigningKey key = SnpSigningKey.of((int) (flags >>> 2) & 7);
        in.zeros(4);
        final Octets reportData = Octets.of(in.bytes(64));
        final Octets measurement = Octets.of(in.bytes(48));
        final Octets hostData = Octets.of(in.bytes(32));
        final Octets idKeyDigest = Octets.of(in.bytes(48));
        in.skip(48 + 32 + 32);
        final long reportedTcb = in.u64();
        final Optional<SnpProduct> product = product(in, version);
        in.zeros(21);
        final Octets chipId = Octets.of(in.bytes(64));
        final long committedTcb = in.u64();
        firmware(in);
        firmware(in);
        final long launchTcb = in.u64();
        mitigations(in, version);
        in.zeros(152);
        half(in);
        half(in);
        in.zeros(LENGTH - in.offset());
        in.end();
        return new SnpReport(
                version,
                guestSecurityVersion,
                policy,
                (int) level,
                platform,
                key,
                reportData,
                measurement,
                hostData,
                idKeyDigest,
                chipId,
                product,
                currentTcb,
                reportedTcb,
                committedTcb,
                launchTcb,
                Octets.of(bytes));
    }

    private static Optional<SnpProduct> product(ByteReader in, int version)
            throws EvidenceFormatException {
        if (version < 3) {
            in.zeros(3);
            return Optional.empty();
        }
        int at = in.offset();
        int family = in.u8();
        int model = in.u8();
        in.skip(1);
        Optional<SnpProduct> product = SnpProduct.of(family, model);
        in.check(product.isPresent(), "the CPUID of a known product", at, (family << 8) | model);
        return product;
    }

    private static void firmware(ByteReader in) throws EvidenceFormatException {
        in.skip(3);
        in.zeros(1);
    }

    private static void mitigations(ByteReader in, int version) throws EvidenceFormatException {
        if (version < 5) {
            in.zeros(16);
        } else {
            in.skip(16);
        }
    }

    private static void half(ByteReader in) throws EvidenceFormatException {
        in.skip(HALF);
        in.zeros(HALF_PADDING);
    }

    /// The TCB that the signing key was derived from.
    public SnpTcb reportedTcb(SnpProduct of) throws EvidenceFormatException {
        return SnpTcb.of(reportedTcbBits, of);
    }

    /// Whether `key` signed this report.
    boolean signedBy(EcdsaKey key) {
        byte[] bytes = signed.toBytes();
        return key.curve() == EcdsaKey.Curve.P384
                && key.signed(
                        bytes,
                        0,
                        SIGNED_LENGTH,
                        reversed(bytes, SIGNED_LENGTH),
                        reversed(bytes, SIGNED_LENGTH + HALF + HALF_PADDING));
    }

    private static byte[] reversed(byte[] bytes, int offset) {
        byte[] half = Arrays.copyOfRange(bytes, offset, offset + HALF);
        for (int i = 0; i < HALF / 2; i++) {
            byte low = half[i];
            half[i] = half[HALF - 1 - i];
            half[HALF - 1 - i] = low;
        }
        return half;
    }
}
