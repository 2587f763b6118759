// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.attestation.tpm.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.security.cert.CertificateFactory;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.sparegrid.attestation.quote.ClockRule;
import org.sparegrid.attestation.quote.QuoteExpectation;
import org.sparegrid.attestation.quote.QuoteFault;
import org.sparegrid.attestation.quote.QuoteResult;
import org.sparegrid.attestation.quote.QuoteVerifier;
import org.sparegrid.attestation.tpm.Attestation;
import org.sparegrid.attestation.tpm.Credential;
import org.sparegrid.attestation.tpm.EccCurve;
import org.sparegrid.attestation.tpm.EndorsementTemplate;
import org.sparegrid.attestation.tpm.HashAlgorithm;
import org.sparegrid.attestation.tpm.Hierarchy;
import org.sparegrid.attestation.tpm.KeyMaterial;
import org.sparegrid.attestation.tpm.ObjectAttributes;
import org.sparegrid.attestation.tpm.PcrSelection;
import org.sparegrid.attestation.tpm.PcrValues;
import org.sparegrid.attestation.tpm.PolicyDigest;
import org.sparegrid.attestation.tpm.PublicArea;
import org.sparegrid.attestation.tpm.Scheme;
import org.sparegrid.attestation.tpm.Secret;
import org.sparegrid.attestation.tpm.SignedQuote;
import org.sparegrid.attestation.wire.ByteReader;
import org.sparegrid.attestation.wire.ByteWriter;
import org.sparegrid.attestation.wire.EvidenceFormatException;
import org.sparegrid.attestation.wire.Octets;

/// Our commands against a real emulator, and our quotes against tpm2-tools.
class SwtpmIT {
    private static final PcrSelection BOOT = PcrSelection.of(HashAlgorithm.SHA256, 0, 4, 7, 11, 15);
    private static final Octets NONCE = Octets.repeated(0x5a, 32);
    private static final long KEY_ATTRIBUTES = 0x0005_0472L;

    @TempDir Path folder;
    private Swtpm swtpm;

    @BeforeEach
    void start() throws IOException, InterruptedException {
        swtpm = Swtpm.start(folder);
    }

    @AfterEach
    void stop() {
        swtpm.close();
    }

    private static PublicArea ecc(long attributes, Octets policy) {
        return new PublicArea(
                HashAlgorithm.SHA256,
                new ObjectAttributes(attributes),
                policy,
                0,
                new Scheme.EcDsa(HashAlgorithm.SHA256),
                new KeyMaterial.Ecc(EccCurve.P256, Octets.EMPTY, Octets.EMPTY));
    }

    private static PublicArea rsa() {
        return new PublicArea(
                HashAlgorithm.SHA256,
                new ObjectAttributes(KEY_ATTRIBUTES),
                Octets.EMPTY,
                0,
                new Scheme.RsaSsa(HashAlgorithm.SHA256),
                new KeyMaterial.Rsa(2048, 0, Octets.EMPTY));
    }

    private static QuoteExpectation expected(PublicArea key, ClockRule clock) {
        return new QuoteExpectation(key, Hierarchy.ENDORSEMENT, NONCE, BOOT, clock);
    }

    private static void refused(QuoteResult result, QuoteFault fault) {
        assertThat(result)
                .isInstanceOfSatisfying(
                        QuoteResult.Refused.class,
                        refused -> assertThat(refused.fault()).isEqualTo(fault));
    }

    @Test
    void endorsementKeysAreThoseOfTheCertificates()
            throws IOException,
                    InterruptedException,
                    GeneralSecurityException,
                    EvidenceFormatException {
        try (Tpm tpm = swtpm.connect()) {
            assertThat(tpm.state().manufacturer()).isEqualTo("IBM");
            assertThat(tpm.state().banks())
                    .containsExactlyInAnyOrder(HashAlgorithm.SHA1, HashAlgorithm.SHA256);
            assertThat(tpm.state().handlesFrom(0x01c0_0000L)).contains(0x01c0_0002L, 0x01c0_0016L);
            assertThat(tpm.state().readMemory(EndorsementTemplate.ECC_P256.certificateIndex()))
                    .isEmpty();
            for (EndorsementTemplate template :
                    new EndorsementTemplate[] {
                        EndorsementTemplate.RSA_2048, EndorsementTemplate.ECC_P384
                    }) {
                byte[] der = tpm.state().readMemory(template.certificateIndex()).orElseThrow();
                var certificate =
                        CertificateFactory.getInstance("X.509")
                                .generateCertificate(new ByteArrayInputStream(der));
                LoadedKey key = tpm.createPrimary(Hierarchy.ENDORSEMENT, template.area());
                assertThat(template.made(key.area())).isTrue();
                assertThat(key.area().material().toPublicKey().getEncoded())
                        .isEqualTo(certificate.getPublicKey().getEncoded());
                assertThat(tpm.readPublic(key.handle())).isEqualTo(key);
                tpm.flush(key);
            }
        }
    }

    @Test
    void templatesAreThoseOfTpm2Tools() throws Exception {
        swtpm.run("tpm2_createek", "-G", "ecc", "-c", "ek.ctx", "-u", "ek.pub", "-f", "tss");
        swtpm.run("tpm2_flushcontext", "-t");
        try (Tpm tpm = swtpm.connect()) {
            LoadedKey ours =
                    tpm.createPrimary(Hierarchy.ENDORSEMENT, EndorsementTemplate.ECC_P256.area());
            assertThat(new ByteWriter().sized16(ours.area().toBytes()).toBytes())
                    .isEqualTo(Files.readAllBytes(folder.resolve("ek.pub")));
        }
    }

    @Test
    void registersAreReadExtendedAndReset() throws IOException, InterruptedException {
        try (Tpm tpm = swtpm.connect()) {
            Octets digest = Octets.of(HashAlgorithm.SHA256.hash(new byte[] {1}));
            Octets zero = Octets.repeated(0, 32);
            tpm.state().extend(16, HashAlgorithm.SHA256, digest);
            Octets extended = Octets.of(HashAlgorithm.SHA256.hash(new byte[32], digest.toBytes()));
            PcrSelection all = new PcrSelection(HashAlgorithm.SHA256, 0xff_ffff);
            PcrValues values = tpm.state().read(all);
            assertThat(values.selection()).isEqualTo(all);
            assertThat(values.values()).containsEntry(16, extended).containsEntry(0, zero);
            assertThat(values.values()).containsEntry(17, Octets.repeated(0xff, 32));
            tpm.state().reset(16);
            PcrSelection one = PcrSelection.of(HashAlgorithm.SHA256, 16);
            assertThat(tpm.state().read(one).values()).containsEntry(16, zero);
            assertThatThrownBy(() -> tpm.state().reset(15))
                    .isInstanceOf(TpmException.class)
                    .hasMessageContaining("PCR_Reset");
            assertThatThrownBy(() -> tpm.state().read(PcrSelection.of(HashAlgorithm.SHA384, 1)))
                    .isInstanceOf(IOException.class);
        }
    }

    @Test
    void ourQuotesAreAcceptedByTpm2Checkquote() throws Exception {
        for (PublicArea template : new PublicArea[] {ecc(KEY_ATTRIBUTES, Octets.EMPTY), rsa()}) {
            SignedQuote quote;
            PcrValues values;
            LoadedKey key;
            try (Tpm tpm = swtpm.connect()) {
                key = tpm.createPrimary(Hierarchy.ENDORSEMENT, template);
                tpm.state().extend(15, HashAlgorithm.SHA256, NONCE);
                quote = tpm.quote(key, NONCE, BOOT);
                values = tpm.state().read(BOOT);
                tpm.flush(key);
            }
            assertThat(
                            QuoteVerifier.verify(
                                    quote, values, expected(key.area(), new ClockRule.First())))
                    .isInstanceOf(QuoteResult.Accepted.class);
            Files.write(
                    folder.resolve("key.pub"),
                    new ByteWriter().sized16(key.area().toBytes()).toBytes());
            Files.write(folder.resolve("quote"), quote.attestation().toBytes());
            Files.write(folder.resolve("signature"), quote.signature().toBytes());
            ByteWriter registers = new ByteWriter();
            values.values().values().forEach(value -> registers.bytes(value.toBytes()));
            Files.write(folder.resolve("registers"), registers.toBytes());
            assertThat(checkquote(NONCE)).isZero();
            assertThat(checkquote(Octets.repeated(0x5b, 32))).isNotZero();
            Files.write(folder.resolve("registers"), new byte[BOOT.registers().size() * 32]);
            assertThat(checkquote(NONCE)).isNotZero();
        }
    }

    private int checkquote(Octets nonce) throws IOException, InterruptedException {
        return swtpm.attempt(
                "tpm2_checkquote",
                "--public=key.pub",
                "--message=quote",
                "--signature=signature",
                "--pcr=registers",
                "--pcr-list=sha256:0,4,7,11,15",
                "--hash-algorithm=sha256",
                "--qualification=" + nonce);
    }

    @Test
    void quotesOfTpm2ToolsAreAcceptedByUs() throws Exception {
        for (String kind :
                new String[] {"ecc256:ecdsa-sha256:null", "rsa2048:rsassa-sha256:null"}) {
            swtpm.run(
                    "tpm2_createprimary",
                    "--hierarchy=e",
                    "--key-context=key.ctx",
                    "--key-algorithm=" + kind,
                    "--attributes=fixedtpm|fixedparent|sensitivedataorigin|userwithauth"
                            + "|noda|restricted|sign");
            swtpm.run("tpm2_readpublic", "-c", "key.ctx", "-f", "tss", "-o", "key.pub");
            swtpm.run(
                    "tpm2_quote",
                    "--key-context=key.ctx",
                    "--pcr-list=sha256:0,4,7,11,15",
                    "--qualification=" + NONCE,
                    "--message=quote",
                    "--signature=signature");
            swtpm.run("tpm2_flushcontext", "-t");
            SignedQuote quote =
                    new SignedQuote(
                            Octets.of(Files.readAllBytes(folder.resolve("quote"))),
                            Octets.of(Files.readAllBytes(folder.resolve("signature"))));
            PublicArea key =
                    PublicArea.parse(
                            ByteReader.bigEndian(
                                            "file", Files.readAllBytes(folder.resolve("key.pub")))
                                    .sized16(PublicArea.LENGTH_MAX));
            PcrValues values;
            try (Tpm tpm = swtpm.connect()) {
                values = tpm.state().read(BOOT);
            }
            assertThat(QuoteVerifier.verify(quote, values, expected(key, new ClockRule.First())))
                    .isInstanceOf(QuoteResult.Accepted.class);
        }
    }

    @Test
    void aRestartedOrChangedTpmIsNoticed() throws Exception {
        PublicArea template = ecc(KEY_ATTRIBUTES, Octets.EMPTY);
        PcrValues values;
        PublicArea key;
        ClockRule.Continues since;
        try (Tpm tpm = swtpm.connect()) {
            LoadedKey loaded = tpm.createPrimary(Hierarchy.ENDORSEMENT, template);
            key = loaded.area();
            SignedQuote first = tpm.quote(loaded, NONCE, BOOT);
            values = tpm.state().read(BOOT);
            since =
                    new ClockRule.Continues(
                            Attestation.parse(first.attestation().toBytes()).clock());
            assertThat(tpm.readClock().continues(since.since())).isTrue();
            SignedQuote second = tpm.quote(loaded, NONCE, BOOT);
            assertThat(QuoteVerifier.verify(second, values, expected(key, since)))
                    .isInstanceOf(QuoteResult.Accepted.class);
            tpm.state().extend(4, HashAlgorithm.SHA256, NONCE);
            SignedQuote third = tpm.quote(loaded, NONCE, BOOT);
            refused(QuoteVerifier.verify(third, values, expected(key, since)), QuoteFault.VALUES);
        }
        swtpm.restart();
        try (Tpm tpm = swtpm.connect()) {
            LoadedKey again = tpm.createPrimary(Hierarchy.ENDORSEMENT, template);
            assertThat(again.area()).isEqualTo(key);
            SignedQuote fourth = tpm.quote(again, NONCE, BOOT);
            refused(QuoteVerifier.verify(fourth, values, expected(key, since)), QuoteFault.CLOCK);
        }
    }

    @Test
    void keysAreWrappedAndLoaded() throws IOException, InterruptedException {
        PublicArea storage =
                new PublicArea(
                        HashAlgorithm.SHA256,
                        new ObjectAttributes(
                                ObjectAttributes.FIXED_TPM
                                        | ObjectAttributes.FIXED_PARENT
                                        | ObjectAttributes.SENSITIVE_DATA_ORIGIN
                                        | ObjectAttributes.USER_WITH_AUTH
                                        | ObjectAttributes.NO_DA
                                        | ObjectAttributes.RESTRICTED
                                        | ObjectAttributes.DECRYPT),
                        Octets.EMPTY,
                        128,
                        new Scheme.None(),
                        new KeyMaterial.Ecc(EccCurve.P256, Octets.EMPTY, Octets.EMPTY));
        try (Tpm tpm = swtpm.connect()) {
            LoadedKey parent = tpm.createPrimary(Hierarchy.OWNER, storage);
            WrappedKey wrapped = tpm.create(parent, ecc(KEY_ATTRIBUTES, Octets.EMPTY));
            LoadedKey loaded = tpm.load(parent, wrapped);
            SignedQuote quote = tpm.quote(loaded, NONCE, BOOT);
            refused(
                    QuoteVerifier.verify(
                            quote,
                            tpm.state().read(BOOT),
                            expected(loaded.area(), new ClockRule.First())),
                    QuoteFault.SIGNER);
            tpm.flush(loaded);
            assertThatThrownBy(() -> tpm.readPublic(loaded.handle()))
                    .isInstanceOf(TpmException.class);
        }
    }

    /// The whole of the buyer's challenge: a secret for the holder of both keys in the promised
    /// state.
    @ParameterizedTest
    @EnumSource(EndorsementTemplate.class)
    void secretsOpenInThePromisedStateOnly(EndorsementTemplate template)
            throws IOException, InterruptedException, EvidenceFormatException {
        SecureRandom random = new SecureRandom();
        try (Tpm tpm = swtpm.connect()) {
            PcrValues promised = tpm.state().read(BOOT);
            PolicyDigest policy =
                    PolicyDigest.start(HashAlgorithm.SHA256)
                            .andRegisters(promised)
                            .andCommand(PolicyDigest.ACTIVATE_CREDENTIAL);
            LoadedKey endorsement = tpm.createPrimary(Hierarchy.ENDORSEMENT, template.area());
            LoadedKey key =
                    tpm.createPrimary(
                            Hierarchy.ENDORSEMENT,
                            ecc(
                                    KEY_ATTRIBUTES | ObjectAttributes.ADMIN_WITH_POLICY,
                                    policy.value()));
            Secret secret = Secret.random(32, random);
            Credential.Made made = Credential.make(endorsement.area(), key.name(), secret, random);
            assertThat(open(tpm, key, endorsement, template, made.credential())).isEqualTo(secret);
            assertThat(Credential.blob(endorsement.area(), key.name(), secret, made.seed()))
                    .isEqualTo(made.credential().blob());
            Credential own = tpm.makeCredential(endorsement, key.name(), secret);
            assertThat(open(tpm, key, endorsement, template, own)).isEqualTo(secret);

            byte[] otherName = key.name().toBytes();
            otherName[5] ^= 1;
            Credential other =
                    Credential.make(endorsement.area(), Octets.of(otherName), secret, random)
                            .credential();
            assertThatThrownBy(() -> open(tpm, key, endorsement, template, other))
                    .isInstanceOfSatisfying(
                            TpmException.class,
                            refused -> assertThat(refused.integrityFailed()).isTrue());

            tpm.state().extend(11, HashAlgorithm.SHA256, NONCE);
            for (int i = 0; i < 5; i++) { // more often than there is room for sessions
                assertThatThrownBy(() -> open(tpm, key, endorsement, template, made.credential()))
                        .isInstanceOfSatisfying(
                                TpmException.class,
                                refused -> assertThat(refused.policyFailed()).isTrue());
            }
        }
    }

    /// Whoever sits on the bus neither reads the secret nor changes it unnoticed.
    @Test
    void secretsGoOverTheBusEncrypted() throws Exception {
        EndorsementTemplate template = EndorsementTemplate.ECC_P256;
        SecureRandom random = new SecureRandom();
        TpmConnection real = swtpm.connection();
        AtomicReference<byte[]> activated = new AtomicReference<>(new byte[0]);
        AtomicBoolean tamper = new AtomicBoolean();
        TpmConnection bus =
                new TpmConnection() {
                    @Override
                    public byte[] transmit(byte[] command) throws IOException {
                        byte[] response = real.transmit(command);
                        if (command[8] == 0x01 && command[9] == 0x47) {
                            activated.set(response.clone());
                            if (tamper.get()) {
                                response[20] ^= 1;
                            }
                        }
                        return response;
                    }

                    @Override
                    public void close() throws IOException {
                        real.close();
                    }
                };
        try (Tpm tpm = new Tpm(bus, random)) {
            PolicyDigest policy =
                    PolicyDigest.start(HashAlgorithm.SHA256)
                            .andRegisters(tpm.state().read(BOOT))
                            .andCommand(PolicyDigest.ACTIVATE_CREDENTIAL);
            LoadedKey endorsement = tpm.createPrimary(Hierarchy.ENDORSEMENT, template.area());
            LoadedKey key =
                    tpm.createPrimary(
                            Hierarchy.ENDORSEMENT,
                            ecc(
                                    KEY_ATTRIBUTES | ObjectAttributes.ADMIN_WITH_POLICY,
                                    policy.value()));
            Secret secret = Secret.random(32, random);
            Credential credential =
                    Credential.make(endorsement.area(), key.name(), secret, random).credential();
            assertThat(open(tpm, key, endorsement, template, credential)).isEqualTo(secret);
            assertThat(Octets.of(activated.get()).toString())
                    .doesNotContain(Octets.of(secret.toBytes()).toString());
            tamper.set(true);
            assertThatThrownBy(() -> open(tpm, key, endorsement, template, credential))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("wrong HMAC");
        }
    }

    private static Secret open(
            Tpm tpm,
            LoadedKey key,
            LoadedKey endorsement,
            EndorsementTemplate template,
            Credential credential)
            throws IOException {
        PolicySession session = tpm.startPolicy(HashAlgorithm.SHA256);
        tpm.policyPcr(session, BOOT);
        tpm.policyCommandCode(session, PolicyDigest.ACTIVATE_CREDENTIAL);
        return tpm.activateCredential(key, session, endorsement, template, credential);
    }

    @Test
    void policyDigestsAreThoseOfTheTpm() throws IOException, InterruptedException {
        try (Tpm tpm = swtpm.connect()) {
            PolicySession session = tpm.startPolicy(HashAlgorithm.SHA256);
            tpm.policyPcr(session, BOOT);
            PolicyDigest digest =
                    PolicyDigest.start(HashAlgorithm.SHA256).andRegisters(tpm.state().read(BOOT));
            assertThat(tpm.policyDigest(session)).isEqualTo(digest.value());
            tpm.policyCommandCode(session, PolicyDigest.ACTIVATE_CREDENTIAL);
            assertThat(tpm.policyDigest(session))
                    .isEqualTo(digest.andCommand(PolicyDigest.ACTIVATE_CREDENTIAL).value());
            tpm.flush(session);
        }
    }
}
