// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.attestation.certificate;

import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.cert.X509Certificate;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.RSAPublicKeySpec;
import org.sparegrid.attestation.wire.EvidenceFormatException;

/// The keys of endorsement certificates, and what is known against them.
final class EndorsementKeys {
    private static final String RSA_OAEP = "1.2.840.113549.1.1.7";
    private static final int RSA_BITS_MIN = 2048;
    private static final int RSA_BITS_MAX = 4096;

    /// Primes whose remainders give Infineon's weak generator away.
    ///
    /// The keys of CVE-2017-15361 ("ROCA") are a power of 65537 modulo each small prime, which a
    /// good key is for all of these with a chance of 2^-27.
    private static final int[] ROCA_PRIMES = {
        11, 13, 17, 19, 37, 53, 61, 71, 73, 79, 97, 103, 107, 109, 127, 151, 157
    };

    private EndorsementKeys() {}

    /// The key of a certificate; one marked for OAEP, which the JDK leaves unread, is RSA as well.
    static PublicKey of(X509Certificate certificate) throws EvidenceFormatException {
        PublicKey key = certificate.getPublicKey();
        if (!(key instanceof RSAPublicKey) && !(key instanceof ECPublicKey)) {
            key = rsaForOaep(key.getEncoded());
        }
        if (key instanceof RSAPublicKey rsa) {
            int bits = rsa.getModulus().bitLength();
            if (bits < RSA_BITS_MIN || bits > RSA_BITS_MAX) {
                throw new EvidenceFormatException(
                        "ek certificate: expected RSA of "
                                + RSA_BITS_MIN
                                + " to "
                                + RSA_BITS_MAX
                                + " bits, got "
                                + bits);
            }
        } else if (EcdsaKey.of(key).isEmpty()) {
            throw new EvidenceFormatException("ek certificate: expected a key of P-256 or P-384");
        }
        return key;
    }

    /// Whether an RSA key has the fingerprint of the weak generator.
    static boolean isRoca(PublicKey key) {
        if (!(key instanceof RSAPublicKey rsa)) {
            return false;
        }
        for (int prime : ROCA_PRIMES) {
            int remainder = rsa.getModulus().mod(BigInteger.valueOf(prime)).intValue();
            if (!isPowerOf65537(remainder, prime)) {
                return false;
            }
        }
        return true;
    }

    private static boolean isPowerOf65537(int remainder, int prime) {
        int power = 1;
        for (int i = 0; i < prime; i++) {
            if (power == remainder) {
                return true;
            }
            power = (int) ((long) power * 65537 % prime);
        }
        return false;
    }

    private static PublicKey rsaForOaep(byte[] subjectPublicKeyInfo)
            throws EvidenceFormatException {
        DerReader info =
                DerReader.of("ek certificate", subjectPublicKeyInfo).inside(DerReader.SEQUENCE);
        String algorithm = info.inside(DerReader.SEQUENCE).oid();
        if (!algorithm.equals(RSA_OAEP)) {
            throw new EvidenceFormatException(
                    "ek certificate: expected an RSA or elliptic curve key, got " + algorithm);
        }
        byte[] bits = info.contents(DerReader.BIT_STRING);
        info.end();
        if (bits.length < 2 || bits[0] != 0) {
            throw new EvidenceFormatException("ek certificate: expected a key of whole bytes");
        }
        DerReader numbers =
                DerReader.of("ek certificate", java.util.Arrays.copyOfRange(bits, 1, bits.length))
                        .inside(DerReader.SEQUENCE);
        BigInteger modulus = positive(numbers.contents(DerReader.INTEGER));
        BigInteger exponent = positive(numbers.contents(DerReader.INTEGER));
        numbers.end();
        try {
            return KeyFactory.getInstance("RSA")
                    .generatePublic(new RSAPublicKeySpec(modulus, exponent));
        } catch (GeneralSecurityException _) {
            throw new EvidenceFormatException("ek certificate: expected a usable RSA key");
        }
    }

    private static BigInteger positive(byte[] number) throws EvidenceFormatException {
        if (number.length == 0 || number[0] < 0) {
            throw new EvidenceFormatException("ek certificate: expected a positive number");
        }
        return new BigInteger(number);
    }
}
