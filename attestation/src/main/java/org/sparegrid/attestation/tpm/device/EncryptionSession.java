// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.attestation.tpm.device;

import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Arrays;
import javax.crypto.Cipher;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.sparegrid.attestation.tpm.HashAlgorithm;
import org.sparegrid.attestation.tpm.KeyDerivation;
import org.sparegrid.attestation.tpm.Secret;
import org.sparegrid.attestation.wire.ByteWriter;

/// A session whose key only the TPM with a certain decryption key shares, so that nobody on the bus
/// between reads or changes the secrets that go over it.
///
/// Source: TPM 2.0 library, part 1, sections 19.6 (HMAC) and 21 (parameter encryption).
final class EncryptionSession {
    static final HashAlgorithm HASH = HashAlgorithm.SHA256;
    static final int NONCE_LENGTH = 32;
    static final int AES_KEY_BITS = 128;

    private static final int AES_BLOCK_BITS = 128;
    private static final int CONTINUE = 0x01;
    private static final int DECRYPT = 0x20;
    private static final int ENCRYPT = 0x40;
    private static final int ATTRIBUTES = CONTINUE | DECRYPT | ENCRYPT;

    private final long handle;
    private final Secret key;
    private final SecureRandom random;
    private byte[] nonceCaller;
    private byte[] nonceTpm;

    EncryptionSession(
            long handle, Secret salt, byte[] nonceCaller, byte[] nonceTpm, SecureRandom random) {
        this.handle = handle;
        this.random = random;
        this.nonceCaller = nonceCaller;
        this.nonceTpm = nonceTpm;
        this.key =
                Secret.of(
                        KeyDerivation.fromKey(
                                HASH,
                                salt.toBytes(),
                                "ATH",
                                nonceTpm,
                                nonceCaller,
                                HASH.lengthBytes() * 8));
    }

    long handle() {
        return handle;
    }

    /// Begins a command and encrypts its first parameter in place.
    void encryptCommand(byte[] parameters) throws IOException {
        nonceCaller = new byte[NONCE_LENGTH];
        random.nextBytes(nonceCaller);
        crypt(Cipher.ENCRYPT_MODE, parameters, nonceCaller, nonceTpm);
    }

    /// What authorizes the command with this session.
    ///
    /// @param commandDigest digest of command code, names and encrypted parameters
    byte[] authorize(byte[] commandDigest) {
        byte[] mac =
                HASH.hmac(
                        key.toBytes(),
                        commandDigest,
                        nonceCaller,
                        nonceTpm,
                        new byte[] {ATTRIBUTES});
        return new ByteWriter()
                .u32(handle)
                .sized16(nonceCaller)
                .u8(ATTRIBUTES)
                .sized16(mac)
                .toBytes();
    }

    /// Checks that the response is of the TPM that shares the key, and decrypts its first parameter
    /// in place.
    ///
    /// @param responseDigest digest of response code, command code and encrypted parameters
    void acceptResponse(
            byte[] nonce, int attributes, byte[] mac, byte[] responseDigest, byte[] parameters)
            throws IOException {
        nonceTpm = nonce;
        byte[] expected =
                HASH.hmac(
                        key.toBytes(),
                        responseDigest,
                        nonceTpm,
                        nonceCaller,
                        new byte[] {(byte) attributes});
        if (!MessageDigest.isEqual(expected, mac)) {
            throw new IOException("TPM response was changed on its way: wrong HMAC of the session");
        }
        crypt(Cipher.DECRYPT_MODE, parameters, nonceTpm, nonceCaller);
    }

    private void crypt(int mode, byte[] parameters, byte[] newer, byte[] older) throws IOException {
        if (parameters.length < 2) {
            throw new IOException("TPM parameters: expected a length to encrypt behind, got none");
        }
        int length = Byte.toUnsignedInt(parameters[0]) << 8 | Byte.toUnsignedInt(parameters[1]);
        if (length > parameters.length - 2) {
            throw new IOException("TPM parameters: expected " + length + " bytes, got fewer");
        }
        byte[] derived =
                KeyDerivation.fromKey(
                        HASH, key.toBytes(), "CFB", newer, older, AES_KEY_BITS + AES_BLOCK_BITS);
        try {
            Cipher cipher = Cipher.getInstance("AES/CFB/NoPadding");
            cipher.init(
                    mode,
                    new SecretKeySpec(Arrays.copyOf(derived, AES_KEY_BITS / 8), "AES"),
                    new IvParameterSpec(
                            Arrays.copyOfRange(derived, AES_KEY_BITS / 8, derived.length)));
            byte[] crypted = cipher.doFinal(parameters, 2, length);
            System.arraycopy(crypted, 0, parameters, 2, length);
        } catch (GeneralSecurityException impossible) {
            throw new IllegalStateException("the JDK has AES", impossible);
        }
    }
}
