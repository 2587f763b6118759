// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.attestation.certificate;

import static java.util.Objects.requireNonNull;

import java.math.BigInteger;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.PublicKey;
import java.security.interfaces.ECPublicKey;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.bouncycastle.asn1.x9.X9ECParameters;
import org.bouncycastle.crypto.ec.CustomNamedCurves;
import org.bouncycastle.crypto.params.ECDomainParameters;
import org.bouncycastle.crypto.params.ECPublicKeyParameters;
import org.bouncycastle.crypto.signers.ECDSASigner;
import org.sparegrid.attestation.wire.EvidenceFormatException;

/// A public key that checks ECDSA signatures of reports and quotes.
///
/// Bouncy Castle does the arithmetic: it checks a signature on P-256 five times and on P-384 eight
/// times as fast as the JDK (decision record 0007). Nothing here is secret. Threads may share a
/// key.
///
/// Keys check again and again: a chip's reports, the quotes of a lease. Bouncy Castle makes tables
/// for a point that it meets often, with which a check takes a third to a half of the time, so that
/// the keys used last are kept.
public final class EcdsaKey {
    /// A curve with the digest that reports and quotes use beside it.
    public enum Curve {
        P256("P-256", 32, "SHA-256"),
        P384("P-384", 48, "SHA-384");

        private final String id;
        private final int lengthBytes;
        private final String digest;

        Curve(String id, int lengthBytes, String digest) {
            this.id = id;
            this.lengthBytes = lengthBytes;
            this.digest = digest;
        }

        /// Bytes of a coordinate and of each half of a signature.
        public int lengthBytes() {
            return lengthBytes;
        }
    }

    /// Keys kept, each with tables of 4 KB on P-256 and 7 KB on P-384.
    private static final int KEPT_MAX = 1024;

    private static final Map<Point, EcdsaKey> KEPT =
            Collections.synchronizedMap(
                    new LinkedHashMap<>(16, 0.75f, true) {
                        @Override
                        protected boolean removeEldestEntry(Map.Entry<Point, EcdsaKey> eldest) {
                            return size() > KEPT_MAX;
                        }
                    });

    private record Point(Curve curve, BigInteger x, BigInteger y) {}

    private static final Map<Curve, ECDomainParameters> DOMAINS =
            Map.of(Curve.P256, domain(Curve.P256), Curve.P384, domain(Curve.P384));

    private final Curve curve;
    private final ECPublicKeyParameters key;

    private EcdsaKey(Curve curve, ECPublicKeyParameters key) {
        this.curve = curve;
        this.key = key;
    }

    /// The key whose point has these coordinates, as unsigned big-endian numbers.
    ///
    /// @throws EvidenceFormatException if that is not a point of the curve
    public static EcdsaKey of(Curve curve, byte[] x, byte[] y) throws EvidenceFormatException {
        return of(curve, new BigInteger(1, x), new BigInteger(1, y));
    }

    /// The key of a certificate, if it is one on a curve known here.
    public static Optional<EcdsaKey> of(PublicKey key) {
        if (!(key instanceof ECPublicKey ec)) {
            return Optional.empty();
        }
        for (Map.Entry<Curve, ECDomainParameters> known : DOMAINS.entrySet()) {
            ECDomainParameters domain = known.getValue();
            var field = ec.getParams().getCurve();
            boolean same =
                    field.getA().equals(domain.getCurve().getA().toBigInteger())
                            && field.getB().equals(domain.getCurve().getB().toBigInteger())
                            && ec.getParams().getOrder().equals(domain.getN());
            if (same) {
                try {
                    return Optional.of(
                            of(known.getKey(), ec.getW().getAffineX(), ec.getW().getAffineY()));
                } catch (EvidenceFormatException _) {
                    return Optional.empty();
                }
            }
        }
        return Optional.empty();
    }

    private static EcdsaKey of(Curve curve, BigInteger x, BigInteger y)
            throws EvidenceFormatException {
        Point point = new Point(curve, x, y);
        EcdsaKey kept = KEPT.get(point);
        if (kept == null) {
            kept = checked(curve, x, y);
            KEPT.put(point, kept);
        }
        return kept;
    }

    private static EcdsaKey checked(Curve curve, BigInteger x, BigInteger y)
            throws EvidenceFormatException {
        try {
            // Bouncy Castle refuses coordinates beyond the field and points off the curve.
            ECDomainParameters domain = requireNonNull(DOMAINS.get(curve));
            var point = domain.getCurve().createPoint(x, y);
            return new EcdsaKey(curve, new ECPublicKeyParameters(point, domain));
        } catch (IllegalArgumentException _) {
            throw new EvidenceFormatException("key: expected a point of " + curve.id);
        }
    }

    private static ECDomainParameters domain(Curve curve) {
        X9ECParameters named = CustomNamedCurves.getByName(curve.id);
        return new ECDomainParameters(named.getCurve(), named.getG(), named.getN(), named.getH());
    }

    /// The curve of this key.
    public Curve curve() {
        return curve;
    }

    /// Whether `r` and `s`, unsigned and big-endian, sign `length` bytes of `message` from
    /// `offset`.
    public boolean signed(byte[] message, int offset, int length, byte[] r, byte[] s) {
        byte[] digest;
        try {
            MessageDigest hash = MessageDigest.getInstance(curve.digest);
            hash.update(message, offset, length);
            digest = hash.digest();
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException("every JDK has " + curve.digest, impossible);
        }
        return signedDigest(digest, r, s);
    }

    /// Whether `r` and `s`, unsigned and big-endian, sign a message of this digest.
    public boolean signedDigest(byte[] digest, byte[] r, byte[] s) {
        ECDSASigner signer = new ECDSASigner();
        signer.init(false, key);
        return signer.verifySignature(digest, new BigInteger(1, r), new BigInteger(1, s));
    }
}
