// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.attestation.tpm.device;

import java.io.Closeable;
import java.io.IOException;
import java.security.SecureRandom;
import java.util.List;
import org.sparegrid.attestation.tpm.ClockInfo;
import org.sparegrid.attestation.tpm.Credential;
import org.sparegrid.attestation.tpm.EndorsementTemplate;
import org.sparegrid.attestation.tpm.HashAlgorithm;
import org.sparegrid.attestation.tpm.Hierarchy;
import org.sparegrid.attestation.tpm.PcrSelection;
import org.sparegrid.attestation.tpm.PublicArea;
import org.sparegrid.attestation.tpm.Scheme;
import org.sparegrid.attestation.tpm.Secret;
import org.sparegrid.attestation.tpm.SeedTransport;
import org.sparegrid.attestation.tpm.SignedQuote;
import org.sparegrid.attestation.wire.ByteReader;
import org.sparegrid.attestation.wire.ByteWriter;
import org.sparegrid.attestation.wire.EvidenceFormatException;
import org.sparegrid.attestation.wire.Octets;

/// The keys and quotes of a TPM 2.0; its registers and memory are [TpmState]'s.
///
/// Every method sends one or a few commands and waits for them. One thread uses it.
///
/// Source: TPM 2.0 library, part 3.
public final class Tpm implements Closeable {
    private static final int STARTUP_CLEAR = 0;
    private static final int RC_INITIALIZE = 0x100; // it is started already
    private static final int SESSION_HMAC = 0;
    private static final int SESSION_POLICY = 1;
    private static final int AES = 0x0006;
    private static final int CFB = 0x0043;
    private static final int PRIVATE_LENGTH_MAX = 1024; // an RSA-4096 key with its seed

    private final TpmConnection connection;
    private final CommandChannel channel;
    private final SecureRandom random;

    /// A TPM behind a connection, which is closed with it.
    ///
    /// @param random source of nonces and salts
    public Tpm(TpmConnection connection, SecureRandom random) {
        this.connection = connection;
        this.channel = new CommandChannel(connection);
        this.random = random;
    }

    /// What the TPM has in its registers and its memory.
    public TpmState state() {
        return new TpmState(channel);
    }

    /// Starts the TPM as firmware does, if nobody has; only an emulator needs it.
    public void startup() throws IOException {
        try {
            channel.send(CommandCode.STARTUP, new ByteWriter().u16(STARTUP_CLEAR).toBytes());
        } catch (TpmException refused) {
            if (refused.responseCode() != RC_INITIALIZE) {
                throw refused;
            }
        }
    }

    /// Makes the primary key that a template means in a hierarchy.
    public LoadedKey createPrimary(Hierarchy hierarchy, PublicArea template) throws IOException {
        ByteReader in =
                channel.send(
                        CommandCode.CREATE_PRIMARY,
                        List.of(NamedHandle.of(hierarchy.handle())),
                        List.of(new Authorization.EmptyPassword()),
                        creation(template),
                        1);
        return read(() -> {
            long handle = in.u32();
            return new LoadedKey(handle, PublicArea.parse(in.sized16(PublicArea.LENGTH_MAX)));
        });
    }

    /// Makes a new key under a parent.
    public WrappedKey create(LoadedKey parent, PublicArea template) throws IOException {
        ByteReader in =
                channel.send(
                        CommandCode.CREATE,
                        List.of(NamedHandle.of(parent)),
                        List.of(new Authorization.EmptyPassword()),
                        creation(template),
                        0);
        return read(() ->
                new WrappedKey(
                        Octets.of(in.sized16(PRIVATE_LENGTH_MAX)),
                        PublicArea.parse(in.sized16(PublicArea.LENGTH_MAX))));
    }

    private static byte[] creation(PublicArea template) {
        byte[] noSecret = new ByteWriter().u16(0).u16(0).toBytes();
        return new ByteWriter()
                .sized16(noSecret)
                .sized16(template.toBytes())
                .u16(0) // nothing from outside goes into its history
                .u32(0)
                .toBytes();
    }

    /// Loads a key that [#create] made under the same parent.
    public LoadedKey load(LoadedKey parent, WrappedKey key) throws IOException {
        byte[] parameters =
                new ByteWriter()
                        .sized16(key.wrapped().toBytes())
                        .sized16(key.area().toBytes())
                        .toBytes();
        ByteReader in =
                channel.send(
                        CommandCode.LOAD,
                        List.of(NamedHandle.of(parent)),
                        List.of(new Authorization.EmptyPassword()),
                        parameters,
                        1);
        return read(() -> new LoadedKey(in.u32(), key.area()));
    }

    /// The key that has been persistent or loaded under a handle.
    public LoadedKey readPublic(long handle) throws IOException {
        ByteReader in =
                channel.send(CommandCode.READ_PUBLIC, new ByteWriter().u32(handle).toBytes());
        return read(
                () -> new LoadedKey(handle, PublicArea.parse(in.sized16(PublicArea.LENGTH_MAX))));
    }

    /// Takes a key out of the TPM's memory.
    public void flush(LoadedKey key) throws IOException {
        flush(key.handle());
    }

    /// Ends a session.
    public void flush(PolicySession session) throws IOException {
        flush(session.handle());
    }

    private void flush(long handle) throws IOException {
        channel.send(CommandCode.FLUSH_CONTEXT, new ByteWriter().u32(handle).toBytes());
    }

    /// Quotes registers with a key that is fixed to a scheme and has the empty password.
    ///
    /// @param qualifyingData what to have signed along, at most as long as a digest
    public SignedQuote quote(LoadedKey key, Octets qualifyingData, PcrSelection selection)
            throws IOException {
        byte[] parameters =
                new ByteWriter()
                        .sized16(qualifyingData.toBytes())
                        .u16(Scheme.NULL)
                        .bytes(selection.toListBytes())
                        .toBytes();
        ByteReader in =
                channel.send(
                        CommandCode.QUOTE,
                        List.of(NamedHandle.of(key)),
                        List.of(new Authorization.EmptyPassword()),
                        parameters,
                        0);
        return read(() ->
                new SignedQuote(
                        Octets.of(in.sized16(TpmConnection.MESSAGE_LENGTH_MAX)),
                        Octets.of(in.bytes(in.remaining()))));
    }

    /// The TPM's own way to make a challenge, which [Credential#make] does without one.
    public Credential makeCredential(LoadedKey endorsement, Octets name, Secret secret)
            throws IOException {
        ByteReader in =
                channel.send(
                        CommandCode.MAKE_CREDENTIAL,
                        new ByteWriter()
                                .u32(endorsement.handle())
                                .sized16(secret.toBytes())
                                .sized16(name.toBytes())
                                .toBytes());
        return read(() ->
                new Credential(
                        Octets.of(in.sized16(Credential.BLOB_LENGTH_MAX)),
                        Octets.of(in.sized16(Credential.SEED_LENGTH_MAX))));
    }

    /// Takes the secret out of a challenge. It goes over the bus encrypted.
    ///
    /// @param attestation the key that the challenge names
    /// @param met what shows that its policy is met; ends with this, whatever comes of it
    /// @param endorsement the key that the challenge is encrypted to
    /// @param template what it was made from
    /// @throws TpmException if the challenge is for other keys or the policy is not met
    public Secret activateCredential(
            LoadedKey attestation,
            PolicySession met,
            LoadedKey endorsement,
            EndorsementTemplate template,
            Credential credential)
            throws IOException {
        return ending(
                met.handle(),
                () -> {
                    EncryptionSession encryption = startEncryption(endorsement);
                    try {
                        Authorization use =
                                template.usedByPolicy()
                                        ? new Authorization.Policy(endorsementPolicy())
                                        : new Authorization.EmptyPassword();
                        return activate(attestation, met, endorsement, use, encryption, credential);
                    } finally {
                        flush(encryption.handle());
                    }
                });
    }

    private Secret activate(
            LoadedKey attestation,
            PolicySession met,
            LoadedKey endorsement,
            Authorization use,
            EncryptionSession encryption,
            Credential credential)
            throws IOException {
        byte[] parameters =
                new ByteWriter()
                        .sized16(credential.blob().toBytes())
                        .sized16(credential.encryptedSeed().toBytes())
                        .toBytes();
        List<NamedHandle> keys = List.of(NamedHandle.of(attestation), NamedHandle.of(endorsement));
        List<Authorization> authorizations =
                List.of(
                        new Authorization.Policy(met),
                        use,
                        new Authorization.Encryption(encryption));
        Attempt<ByteReader> attempt =
                () ->
                        channel.send(
                                CommandCode.ACTIVATE_CREDENTIAL,
                                keys,
                                authorizations,
                                parameters,
                                0);
        ByteReader in =
                use instanceof Authorization.Policy(PolicySession session)
                        ? ending(session.handle(), attempt)
                        : attempt.run();
        return read(() -> Secret.of(in.sized16(HashAlgorithm.SHA512.lengthBytes())));
    }

    private PolicySession endorsementPolicy() throws IOException {
        PolicySession session = startPolicy(HashAlgorithm.SHA256);
        return ending(
                session.handle(),
                () -> {
                    policySecret(session, Hierarchy.ENDORSEMENT);
                    return session;
                });
    }

    /// Begins a session that notes conditions; the caller uses it up or flushes it.
    public PolicySession startPolicy(HashAlgorithm hash) throws IOException {
        byte[] nonce = new byte[EncryptionSession.NONCE_LENGTH];
        random.nextBytes(nonce);
        ByteReader in =
                startSession(
                        Hierarchy.NULL.handle(),
                        nonce,
                        Octets.EMPTY,
                        SESSION_POLICY,
                        new ByteWriter().u16(Scheme.NULL).u16(hash.id()));
        return read(() -> new PolicySession(in.u32()));
    }

    private EncryptionSession startEncryption(LoadedKey endorsement) throws IOException {
        SeedTransport salt =
                read(() -> SeedTransport.to(endorsement.area(), SeedTransport.SECRET, random));
        byte[] nonce = new byte[EncryptionSession.NONCE_LENGTH];
        random.nextBytes(nonce);
        ByteReader in =
                startSession(
                        endorsement.handle(),
                        nonce,
                        salt.encrypted(),
                        SESSION_HMAC,
                        new ByteWriter()
                                .u16(AES)
                                .u16(EncryptionSession.AES_KEY_BITS)
                                .u16(CFB)
                                .u16(EncryptionSession.HASH.id()));
        return read(() ->
                new EncryptionSession(
                        in.u32(),
                        salt.seed(),
                        nonce,
                        in.sized16(EncryptionSession.NONCE_LENGTH),
                        random));
    }

    private ByteReader startSession(
            long key, byte[] nonce, Octets salt, int type, ByteWriter ciphers) throws IOException {
        return channel.send(
                CommandCode.START_AUTH_SESSION,
                new ByteWriter()
                        .u32(key)
                        .u32(Hierarchy.NULL.handle())
                        .sized16(nonce)
                        .sized16(salt.toBytes())
                        .u8(type)
                        .bytes(ciphers.toBytes())
                        .toBytes());
    }

    /// Notes that registers have the values that they have now.
    public void policyPcr(PolicySession session, PcrSelection selection) throws IOException {
        channel.send(
                CommandCode.POLICY_PCR,
                new ByteWriter()
                        .u32(session.handle())
                        .u16(0) // whatever the values are: the key's policy says which
                        .bytes(selection.toListBytes())
                        .toBytes());
    }

    /// Notes that the session is for one command only.
    public void policyCommandCode(PolicySession session, int commandCode) throws IOException {
        channel.send(
                CommandCode.POLICY_COMMAND_CODE,
                new ByteWriter().u32(session.handle()).u32(commandCode).toBytes());
    }

    /// Notes that we know the password of a hierarchy, which is empty.
    public void policySecret(PolicySession session, Hierarchy hierarchy) throws IOException {
        channel.send(
                CommandCode.POLICY_SECRET,
                List.of(NamedHandle.of(hierarchy.handle()), NamedHandle.of(session.handle())),
                List.of(new Authorization.EmptyPassword()),
                new ByteWriter().u16(0).u16(0).u16(0).u32(0).toBytes(),
                0);
    }

    /// The digest of the conditions that a session has noted.
    public Octets policyDigest(PolicySession session) throws IOException {
        ByteReader in =
                channel.send(
                        CommandCode.POLICY_GET_DIGEST,
                        new ByteWriter().u32(session.handle()).toBytes());
        return read(() -> Octets.of(in.sized16(HashAlgorithm.SHA512.lengthBytes())));
    }

    /// The TPM's clock, with the counters as the TPM itself sees them.
    public ClockInfo readClock() throws IOException {
        ByteReader in = channel.send(CommandCode.READ_CLOCK, new byte[0]);
        return read(() -> {
            in.skip(8); // time since the last start
            return ClockInfo.parse(in.bytes(in.remaining()));
        });
    }

    @Override
    public void close() throws IOException {
        connection.close();
    }

    @FunctionalInterface
    private interface Attempt<T> {
        T run() throws IOException;
    }

    /// Flushes a session if what it was begun for failed; success used it up.
    private <T> T ending(long session, Attempt<T> attempt) throws IOException {
        try {
            return attempt.run();
        } catch (IOException failed) {
            try {
                flush(session);
            } catch (IOException gone) {
                failed.addSuppressed(gone);
            }
            throw failed;
        }
    }

    /// Reading a response.
    @FunctionalInterface
    interface Reading<T> {
        /// Reads what the response holds.
        T read() throws EvidenceFormatException;
    }

    /// Reads a response; a malformed one is a failure of the machine.
    static <T> T read(Reading<T> reading) throws IOException {
        try {
            return reading.read();
        } catch (EvidenceFormatException malformed) {
            throw new IOException("TPM gave a malformed response", malformed);
        }
    }
}
