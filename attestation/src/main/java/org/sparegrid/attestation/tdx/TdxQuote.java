// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.attestation.tdx;

import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.List;
import org.sparegrid.attestation.certificate.Certificates;
import org.sparegrid.attestation.wire.ByteReader;
import org.sparegrid.attestation.wire.EvidenceFormatException;
import org.sparegrid.attestation.wire.Octets;

/// A statement about a trust domain, signed by the quoting enclave of its machine.
///
/// Integers are little-endian. Version 5 puts a type and a length before the body.
///
/// ```text
///  size  field
///     2  version            4 or 5
///     2  attestation key    2 = ECDSA P-256
///     4  TEE                0x81 = TDX
///     4  reserved
///    16  vendor of the quoting enclave   939a7233f79c4ca9940a0db3957f0607, Intel
///    20  user data
///     2  type of the body   only version 5: 2 = TDX 1.0, 3 = TDX 1.5
///     4  length of the body only version 5
///     n  body               see TdBody; what stands before the next field is signed
///     4  length of what follows, exactly
///    64  r, s               of the attestation key over all before
///    64  attestation key    x, y
///     2  6                  the kind of certification data
///     4  its length
///   384  report of the quoting enclave   see EnclaveReport
///    64  r, s               of the platform's key (PCK) over that report
///     2  length of data beside the attestation key, and the data
///     2  5                  the kind of certification data: a PEM chain
///     4  its length
///     n  certificates       of the platform's key, its issuer and the root; may end in one NUL
/// ```
///
/// Source: Intel TDX DCAP quote generation library, appendix A.3.
///
/// @param signedLength bytes from the first that the attestation key signed
/// @param bytes the quote without padding
/// @param chain certificates of the platform's key up to the root
public record TdxQuote(
        int version,
        TdBody body,
        int signedLength,
        Octets signature,
        Octets attestationKey,
        EnclaveReport quotingEnclave,
        Octets enclaveSignature,
        Octets authenticationData,
        List<X509Certificate> chain,
        Octets bytes) {
    /// Longest quote read; the known ones have 5,000 bytes.
    public static final int LENGTH_MAX = 64 * 1024;

    private static final String NAME = "tdx quote";
    private static final int HEADER = 48;
    private static final int ECDSA_P256 = 2;
    private static final long TDX = 0x81;
    private static final Octets INTEL = Octets.ofHex("939a7233f79c4ca9940a0db3957f0607");
    private static final int BODY_1_0 = 2;
    private static final int BODY_1_5 = 3;
    private static final int CERTIFIED_BY_ENCLAVE = 6;
    private static final int CERTIFIED_BY_PEM = 5;
    private static final int CHAIN_LENGTH = 3;

    public TdxQuote {
        chain = List.copyOf(chain);
    }

    /// Cuts a quote out of a buffer of the kernel, which is longer than what was written to it.
    ///
    /// Only lengths are read. What follows the quote is not evidence and is dropped.
    public static byte[] fromBuffer(byte[] buffer) throws EvidenceFormatException {
        ByteReader in = ByteReader.littleEndian(NAME, buffer);
        int version = in.u16();
        in.skip(HEADER - 2);
        in.skip(bodyLength(in, version));
        long length = in.u32();
        in.skip(length);
        return Arrays.copyOf(buffer, in.offset());
    }

    /// Reads the one quote that fills `bytes`.
    ///
    /// @throws EvidenceFormatException if any length or field is not as specified
    public static TdxQuote parse(byte[] bytes) throws EvidenceFormatException {
        ByteReader in = ByteReader.littleEndian(NAME, bytes);
        in.check(bytes.length <= LENGTH_MAX, "at most " + LENGTH_MAX + " bytes", 0, bytes.length);
        final int version = header(in);
        final TdBody body = TdBody.read(in, bodyLength(in, version));
        final int signedLength = in.offset();
        exactLength(in, in.u32(), signedLength);
        final Octets signature = Octets.of(in.bytes(64));
        final Octets attestationKey = Octets.of(in.bytes(64));
        final int kindAt = in.offset();
        final int kind = in.u16();
        in.check(kind == CERTIFIED_BY_ENCLAVE, "certification data 6", kindAt, kind);
        exactLength(in, in.u32(), kindAt + 2);
        final EnclaveReport enclave = EnclaveReport.read(in);
        final Octets enclaveSignature = Octets.of(in.bytes(64));
        final Octets beside = Octets.of(in.sized16(1024));
        final int pemAt = in.offset();
        final int pemKind = in.u16();
        in.check(pemKind == CERTIFIED_BY_PEM, "certification data 5", pemAt, pemKind);
        exactLength(in, in.u32(), pemAt + 2);
        final List<X509Certificate> chain = chain(in.bytes(in.remaining()));
        in.end();
        return new TdxQuote(
                version,
                body,
                signedLength,
                signature,
                attestationKey,
                enclave,
                enclaveSignature,
                beside,
                chain,
                Octets.of(bytes));
    }

    private static int header(ByteReader in) throws EvidenceFormatException {
        int version = in.u16();
        in.check(version == 4 || version == 5, "version 4 or 5", 0, version);
        int key = in.u16();
        in.check(key == ECDSA_P256, "attestation key 2 (ECDSA P-256)", 2, key);
        long tee = in.u32();
        in.check(tee == TDX, "TEE 0x81 (TDX)", 4, tee);
        in.skip(4);
        int at = in.offset();
        if (!Octets.of(in.bytes(16)).equals(INTEL)) {
            throw in.malformed("Intel's quoting enclave", at, "another vendor");
        }
        in.skip(20);
        return version;
    }

    private static int bodyLength(ByteReader in, int version) throws EvidenceFormatException {
        if (version != 5) {
            return TdBody.LENGTH_1_0;
        }
        int at = in.offset();
        int type = in.u16();
        in.check(type == BODY_1_0 || type == BODY_1_5, "a body of type 2 or 3", at, type);
        int expected = type == BODY_1_0 ? TdBody.LENGTH_1_0 : TdBody.LENGTH_1_5;
        long length = in.u32();
        in.check(length == expected, "a body of " + expected + " bytes", at + 2, length);
        return expected;
    }

    private static void exactLength(ByteReader in, long length, int at)
            throws EvidenceFormatException {
        in.check(length == in.remaining(), "a length of " + in.remaining(), at, length);
    }

    private static List<X509Certificate> chain(byte[] pem) throws EvidenceFormatException {
        boolean closed = pem.length > 0 && pem[pem.length - 1] == 0;
        List<X509Certificate> chain =
                Certificates.strictPem(closed ? Arrays.copyOf(pem, pem.length - 1) : pem);
        if (chain.size() != CHAIN_LENGTH) {
            throw new EvidenceFormatException(
                    NAME + ": expected " + CHAIN_LENGTH + " certificates, got " + chain.size());
        }
        return chain;
    }
}
