// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.attestation.quote;

import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Signature;
import java.security.interfaces.ECPublicKey;
import java.security.spec.ECGenParameterSpec;
import java.util.Arrays;
import java.util.List;
import org.sparegrid.attestation.tpm.Attestation;
import org.sparegrid.attestation.tpm.ClockInfo;
import org.sparegrid.attestation.tpm.EccCurve;
import org.sparegrid.attestation.tpm.HashAlgorithm;
import org.sparegrid.attestation.tpm.Hierarchy;
import org.sparegrid.attestation.tpm.KeyMaterial;
import org.sparegrid.attestation.tpm.ObjectAttributes;
import org.sparegrid.attestation.tpm.PcrValues;
import org.sparegrid.attestation.tpm.PublicArea;
import org.sparegrid.attestation.tpm.Scheme;
import org.sparegrid.attestation.tpm.SignedQuote;
import org.sparegrid.attestation.wire.ByteWriter;
import org.sparegrid.attestation.wire.Octets;

/// A key of P-256 that a test signs anything with, right or wrong.
public final class SoftwareKey {
    /// The attributes of an attestation key without a policy.
    public static final long ATTRIBUTES = 0x0005_0472L;

    private final KeyPair pair;
    private final PublicArea area;

    /// A new key that claims to have these attributes.
    public SoftwareKey(long attributes, Octets policy) throws GeneralSecurityException {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(new ECGenParameterSpec("secp256r1"));
        this.pair = generator.generateKeyPair();
        var point = ((ECPublicKey) pair.getPublic()).getW();
        this.area =
                new PublicArea(
                        HashAlgorithm.SHA256,
                        new ObjectAttributes(attributes),
                        policy,
                        0,
                        new Scheme.EcDsa(HashAlgorithm.SHA256),
                        new KeyMaterial.Ecc(
                                EccCurve.P256,
                                number(point.getAffineX().toByteArray()),
                                number(point.getAffineY().toByteArray())));
    }

    private static Octets number(byte[] signed) {
        byte[] number = new byte[32];
        int kept = Math.min(signed.length, 32);
        System.arraycopy(signed, signed.length - kept, number, 32 - kept, kept);
        return Octets.of(number);
    }

    /// Its public part.
    public PublicArea area() {
        return area;
    }

    /// What a TPM would say of itself.
    public Attestation says(Octets data, PcrValues values, ClockInfo clock) {
        return new Attestation(
                area.qualifiedName(Hierarchy.ENDORSEMENT.handle()),
                data,
                clock,
                1,
                List.of(values.selection()),
                values.digest(HashAlgorithm.SHA256));
    }

    /// Signs anything.
    public SignedQuote sign(byte[] message) throws GeneralSecurityException {
        Signature signer = Signature.getInstance("SHA256withECDSAinP1363Format");
        signer.initSign(pair.getPrivate());
        signer.update(message);
        byte[] both = signer.sign();
        byte[] signature =
                new ByteWriter()
                        .u16(Scheme.ECDSA)
                        .u16(HashAlgorithm.SHA256.id())
                        .sized16(Arrays.copyOf(both, 32))
                        .sized16(Arrays.copyOfRange(both, 32, 64))
                        .toBytes();
        return new SignedQuote(Octets.of(message), Octets.of(signature));
    }
}
