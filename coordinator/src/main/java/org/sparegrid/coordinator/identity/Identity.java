// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.identity;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.MessageDigest;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.sparegrid.protocol.SellerId;
import org.sparegrid.protocol.tls.PinnedAuthority;

/// The coordinator's secrets and what follows from them: its certificate authority, the server's
/// certificate, the certificates of agents, passwords and tokens. Safe for use by many threads.
public final class Identity {
    /// How long an agent's certificate holds.
    public static final Duration AGENT_LIFETIME = Duration.ofDays(90);

    /// How long the server's certificate holds.
    public static final Duration SERVER_LIFETIME = Duration.ofDays(365);

    /// The server's certificate is made anew when it would end sooner than this.
    private static final Duration SERVER_REMAINING_MIN = Duration.ofDays(30);

    private static final int TOKEN_BYTES = 32;
    private static final int SELLER_ID_BYTES = 20;
    private static final int RELAY_SECRET_BYTES = 32;

    private final Path folder;
    private final InstantSource clock;
    private final SecureRandom random = new SecureRandom();
    private final Authority authority;
    private final String authorityPem;
    private final Passwords passwords = new Passwords(random);

    private Identity(Path folder, InstantSource clock)
            throws IOException, GeneralSecurityException {
        this.folder = folder;
        this.clock = clock;
        this.authority = Authority.open(folder.resolve("authority.pem"), random, clock.instant());
        this.authorityPem = Authority.pem(authority.certificate());
    }

    /// Loads the identity from a folder, or makes a new one there. Whoever reads the folder can
    /// pose as the coordinator; whoever loses it must enrol all agents again.
    public static Identity open(Path folder, InstantSource clock) throws IOException {
        PrivateFile.makeFolder(folder);
        try {
            return new Identity(folder, clock);
        } catch (GeneralSecurityException unusable) {
            throw new IOException("identity: can't use " + folder, unusable);
        }
    }

    /// The digest by which clients pin this coordinator.
    public String authorityFingerprint() {
        return PinnedAuthority.fingerprint(authority.certificate());
    }

    public X509Certificate authority() {
        return authority.certificate();
    }

    public String authorityPem() {
        return authorityPem;
    }

    /// The certificate of a server with these names. It is kept in the folder and made anew when
    /// the names change or when it ends within 30 days.
    ///
    /// @param hostsAndAddresses DNS names and IP addresses in text, at least one
    public synchronized ServerCertificate serverCertificate(List<String> hostsAndAddresses)
            throws IOException {
        Path file = folder.resolve("server.pem");
        GeneralNames names = SubjectNames.of(hostsAndAddresses);
        try {
            if (!Files.exists(file) || !isUsable(Files.readString(file), file, names)) {
                KeyPair pair = Authority.newKeyPair(random);
                X509Certificate fresh =
                        authority.issue(
                                "Sparegrid coordinator",
                                pair.getPublic(),
                                names,
                                KeyPurposeId.id_kp_serverAuth,
                                clock.instant(),
                                SERVER_LIFETIME);
                PrivateFile.write(file, Authority.pem(fresh) + Authority.keyPem(pair.getPrivate()));
            }
            String text = Files.readString(file);
            return new ServerCertificate(
                    Authority.pem(Authority.readCertificate(text, file)) + authorityPem,
                    Authority.keyPem(Authority.readKey(text, file)));
        } catch (GeneralSecurityException unusable) {
            throw new IOException("server certificate: can't use " + file, unusable);
        }
    }

    /// The secret half of the relay's key pair, 32 bytes: kept, because machines know the other
    /// half for as long as their network does not change.
    public synchronized byte[] relaySecret() throws IOException {
        Path file = folder.resolve("relay.key");
        if (!Files.exists(file)) {
            byte[] secret = new byte[RELAY_SECRET_BYTES];
            random.nextBytes(secret);
            PrivateFile.write(file, Base64.getEncoder().encodeToString(secret) + "\n");
        }
        try {
            byte[] secret = Base64.getDecoder().decode(Files.readString(file).strip());
            if (secret.length == RELAY_SECRET_BYTES) {
                return secret;
            }
        } catch (IllegalArgumentException notBase64) {
            throw new IOException("relay key: can't use " + file, notBase64);
        }
        throw new IOException("relay key: expected 32 bytes in " + file);
    }

    /// The host key of the SSH gateway: kept, because clients remember it.
    public synchronized KeyPair sshHostKey() throws IOException {
        Path file = folder.resolve("ssh-host-key.pem");
        try {
            if (!Files.exists(file)) {
                KeyPair pair = Authority.newKeyPair(random);
                PrivateFile.write(
                        file,
                        Authority.keyPem(pair.getPrivate()) + Authority.pem(pair.getPublic()));
            }
            String text = Files.readString(file);
            return new KeyPair(Authority.readPublicKey(text, file), Authority.readKey(text, file));
        } catch (GeneralSecurityException unusable) {
            throw new IOException("SSH host key: can't use " + file, unusable);
        }
    }

    private boolean isUsable(String text, Path file, GeneralNames names) {
        try {
            X509Certificate kept = Authority.readCertificate(text, file);
            kept.verify(authority.certificate().getPublicKey());
            Instant end = kept.getNotAfter().toInstant();
            return SubjectNames.of(kept).equals(names)
                    && end.isAfter(clock.instant().plus(SERVER_REMAINING_MIN));
        } catch (IOException | GeneralSecurityException damaged) {
            return false;
        }
    }

    /// Gives a seller's computer a certificate for the key that its request proves to hold.
    ///
    /// @throws CertificateRequestException if the request is malformed, not for P-256 or not signed
    ///   with the requested key
    public Issued issue(String certificateRequestPem) throws CertificateRequestException {
        PublicKey key = RequestedKey.of(certificateRequestPem);
        SellerId seller = sellerOf(key);
        GeneralName name =
                new GeneralName(GeneralName.uniformResourceIdentifier, "sg://agent/" + seller);
        try {
            X509Certificate certificate =
                    authority.issue(
                            seller.value(),
                            key,
                            new GeneralNames(name),
                            KeyPurposeId.id_kp_clientAuth,
                            clock.instant(),
                            AGENT_LIFETIME);
            return new Issued(seller, Authority.pem(certificate), authorityPem);
        } catch (IOException | GeneralSecurityException impossible) {
            throw new IllegalStateException("a certificate can't be made", impossible);
        }
    }

    /// The seller whose key this is. That the certificate holds is for TLS to check.
    public static SellerId sellerOf(X509Certificate certificate) {
        return sellerOf(certificate.getPublicKey());
    }

    private static SellerId sellerOf(PublicKey key) {
        return new SellerId(HexFormat.of().formatHex(sha256(key.getEncoded()), 0, SELLER_ID_BYTES));
    }

    /// A slow, salted digest of a password, as text. At most four are computed at once.
    public String hashPassword(String password) {
        return passwords.hash(password);
    }

    /// Whether the password has that digest.
    ///
    /// @throws IllegalArgumentException if `hash` isn't a result of {@link #hashPassword}
    public boolean checkPassword(String password, String hash) {
        return passwords.check(password, hash);
    }

    /// A secret of 256 random bits, 43 characters of base 64 for URLs.
    public String newToken() {
        byte[] token = new byte[TOKEN_BYTES];
        random.nextBytes(token);
        return Base64.getUrlEncoder().withoutPadding().encodeToString(token);
    }

    /// The SHA-256 of a text, 64 hexadecimal digits: what is stored of a token.
    public static String digest(String text) {
        return digest(text.getBytes(StandardCharsets.UTF_8));
    }

    /// The SHA-256 of bytes, 64 hexadecimal digits.
    public static String digest(byte[] bytes) {
        return HexFormat.of().formatHex(sha256(bytes));
    }

    private static byte[] sha256(byte[] bytes) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(bytes);
        } catch (GeneralSecurityException impossible) {
            throw new IllegalStateException("this Java has no SHA-256", impossible);
        }
    }
}
