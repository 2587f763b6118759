// SPDX-License-Identifier: Apache-2.0
import java.io.ByteArrayInputStream;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.sparegrid.attestation.attester.Attester;
import org.sparegrid.attestation.certificate.ChainValidator;
import org.sparegrid.attestation.certificate.EcdsaKey;
import org.sparegrid.attestation.certificate.RevocationRule;
import org.sparegrid.attestation.certificate.TrustAnchors;
import org.sparegrid.attestation.certificate.VendorRoots;
import org.sparegrid.attestation.eventlog.BootLog;
import org.sparegrid.attestation.policy.Policy;
import org.sparegrid.attestation.policy.Presets;
import org.sparegrid.attestation.protocol.Binding;
import org.sparegrid.attestation.protocol.BootPromise;
import org.sparegrid.attestation.protocol.JoinSecret;
import org.sparegrid.attestation.protocol.LeaseLog;
import org.sparegrid.attestation.protocol.LeaseTerms;
import org.sparegrid.attestation.quote.ClockRule;
import org.sparegrid.attestation.quote.QuoteExpectation;
import org.sparegrid.attestation.quote.QuoteResult;
import org.sparegrid.attestation.quote.QuoteVerifier;
import org.sparegrid.attestation.report.Level;
import org.sparegrid.attestation.report.VerificationReport;
import org.sparegrid.attestation.sev.SnpEndorsement;
import org.sparegrid.attestation.sev.SnpVerifier;
import org.sparegrid.attestation.tdx.TdxQuote;
import org.sparegrid.attestation.tdx.TdxVerifier;
import org.sparegrid.attestation.tpm.HashAlgorithm;
import org.sparegrid.attestation.tpm.Hierarchy;
import org.sparegrid.attestation.tpm.PcrValues;
import org.sparegrid.attestation.tpm.PublicArea;
import org.sparegrid.attestation.tpm.SignedQuote;
import org.sparegrid.attestation.tpm.device.SocketConnection;
import org.sparegrid.attestation.tpm.device.Tpm;
import org.sparegrid.attestation.verification.StoredEvidence;
import org.sparegrid.attestation.verification.Verifier;
import org.sparegrid.attestation.wire.Octets;

/// Checks a second and core: each thing in turn, in rounds, medians of CPU time of one thread.
///
/// Arguments: the folder of test vectors, one of quotes that tpm2_quote made beside the certificates
/// of the software TPM's maker, and the TPM's port.
public final class AttestationSpeed {
    private static final int ROUNDS = 9;

    /// Whole evidence runs through so much code that the JDK compiles the last of it after some ten
    /// seconds of CPU time.
    private static final int WARM_UP = 30;

    private static final long ROUND_NANOS = 400_000_000L;
    private static final Instant NOW = Instant.parse("2026-06-01T00:00:00Z");
    private static final ThreadMXBean CPU = ManagementFactory.getThreadMXBean();

    /// Something to measure; false if it does not verify, which stops the run.
    interface Check {
        boolean holds() throws Exception;
    }

    public static void main(String[] arguments) throws Exception {
        Path vectors = Path.of(arguments[0]);
        Path quotes = Path.of(arguments[1]);
        Map<String, Check> checks = new LinkedHashMap<>();
        quote(checks, quotes, "ecc", "SHA256withECDSA");
        quote(checks, quotes, "rsa", "SHA256withRSA");
        lease(checks, vectors.resolve("eventlog"), quotes.resolve("authority"), arguments[2]);
        snp(checks, vectors.resolve("sev"));
        tdx(checks, vectors.resolve("tdx"));
        Map<String, List<Double>> rates = new LinkedHashMap<>();
        for (int round = -WARM_UP; round < ROUNDS; round++) {
            for (var each : checks.entrySet()) {
                double rate = rate(each.getKey(), each.getValue());
                if (round >= 0) {
                    rates.computeIfAbsent(each.getKey(), _ -> new ArrayList<>()).add(rate);
                }
            }
        }
        for (var each : rates.entrySet()) {
            each.getValue().sort(null);
            System.out.printf("%s %.0f%n", each.getKey(), each.getValue().get(ROUNDS / 2));
        }
    }

    private static double rate(String name, Check check) throws Exception {
        long start = CPU.getCurrentThreadCpuTime();
        long passed = 0;
        int count = 0;
        while (passed < ROUND_NANOS) {
            for (int i = 0; i < 10; i++) {
                if (!check.holds()) {
                    throw new IllegalStateException(name + " does not verify");
                }
            }
            count += 10;
            passed = CPU.getCurrentThreadCpuTime() - start;
        }
        return count * 1e9 / passed;
    }

    private static void quote(Map<String, Check> checks, Path folder, String kind, String jdk)
            throws Exception {
        byte[] sized = Files.readAllBytes(folder.resolve(kind + ".pub"));
        PublicArea key = PublicArea.parse(Arrays.copyOfRange(sized, 2, sized.length));
        byte[] message = Files.readAllBytes(folder.resolve(kind + ".msg"));
        byte[] signature = Files.readAllBytes(folder.resolve(kind + ".sig"));
        SignedQuote quote = new SignedQuote(Octets.of(message), Octets.of(signature));
        SortedMap<Integer, Octets> registers = new TreeMap<>();
        for (int i = 0; i < 8; i++) {
            registers.put(i, Octets.repeated(0, 32));
        }
        PcrValues values = new PcrValues(HashAlgorithm.SHA256, registers);
        QuoteExpectation expected =
                new QuoteExpectation(
                        key,
                        Hierarchy.ENDORSEMENT,
                        Octets.of(Files.readAllBytes(folder.resolve("nonce"))),
                        values.selection(),
                        new ClockRule.First());
        Check whole =
                () ->
                        QuoteVerifier.verify(quote, values, expected)
                                instanceof QuoteResult.Accepted;
        checks.put(kind + "-quote", whole);
        checks.put(
                kind + "-quote-new-key",
                () -> {
                    forget();
                    return whole.holds();
                });
        Signature verifier = Signature.getInstance(jdk);
        X509Certificate certificate = certificate(folder.resolve(kind + ".jdk.pem"));
        byte[] plain = Files.readAllBytes(folder.resolve(kind + ".jdk.sig"));
        checks.put(
                kind + "-signature-jdk",
                () -> {
                    verifier.initVerify(certificate.getPublicKey());
                    verifier.update(message);
                    return verifier.verify(plain);
                });
    }

    /// What an agent on a computer with that TPM shows for a lease, read from a file each time.
    private static void lease(
            Map<String, Check> checks, Path logs, Path authority, String port) throws Exception {
        SecureRandom random = new SecureRandom();
        Octets log = Octets.of(Files.readAllBytes(logs.resolve("el_ubuntu-2404-amd-sevsnp.bin")));
        LeaseTerms terms =
                new LeaseTerms(
                        Octets.repeated(1, 16),
                        Octets.repeated(2, 32),
                        Octets.repeated(3, 32),
                        Octets.repeated(4, 32),
                        Octets.repeated(5, 32));
        Octets nonce = Octets.repeated(6, 32);
        var address =
                new InetSocketAddress(InetAddress.getLoopbackAddress(), Integer.parseInt(port));
        Tpm tpm = new Tpm(SocketConnection.open(address), random);
        for (var event : BootLog.parse(log.toBytes()).events()) {
            Octets digest = event.digests().get(HashAlgorithm.SHA256);
            if (event.extended() && digest != null) {
                tpm.state().extend(event.register(), HashAlgorithm.SHA256, digest);
            }
        }
        byte[] file;
        try (Attester attester = Attester.open(tpm, random, log, LeaseLog.empty())) {
            attester.agentStarted(Octets.repeated(7, 32));
            BootPromise promise = BootPromise.appliance(new TreeMap<>());
            Attester.Lease lease = attester.begin(terms, Octets.repeated(8, 32), promise);
            var part =
                    new StoredEvidence.Part.Lease(
                            attester.evidence(
                                    lease,
                                    Binding.Moment.START,
                                    0,
                                    nonce,
                                    List.of(),
                                    List.of()),
                            terms,
                            0,
                            nonce,
                            Optional.of(
                                    JoinSecret.grant(
                                            attester.endorsementKey(), lease.leaseKey(), random)));
            file =
                    new StoredEvidence(List.of(part), List.of(), List.of())
                            .write()
                            .getBytes(StandardCharsets.UTF_8);
        }
        List<X509Certificate> maker =
                List.of(
                        certificate(authority.resolve("swtpm-localca-rootca-cert.pem")),
                        certificate(authority.resolve("issuer.pem")));
        List<TrustAnchors> makers =
                List.of(TrustAnchors.of(maker, TrustAnchors.Origin.VENDOR));
        Policy policy = Presets.of(Level.OPEN);
        checks.put("lease-evidence-again", () -> trusted(file, policy, makers));
        checks.put(
                "lease-evidence",
                () -> {
                    forget();
                    return trusted(file, policy, makers);
                });
    }

    private static X509Certificate certificate(Path file) throws Exception {
        return (X509Certificate)
                CertificateFactory.getInstance("X.509")
                        .generateCertificate(new ByteArrayInputStream(Files.readAllBytes(file)));
    }

    private static void snp(Map<String, Check> checks, Path folder) throws Exception {
        byte[] report = Files.readAllBytes(folder.resolve("virtee-milan-v2.bin"));
        X509Certificate vcek = certificate(folder.resolve("virtee-milan-vcek.der"));
        ChainValidator amd =
                new ChainValidator(VendorRoots.amd(), List.of(), RevocationRule.IF_PRESENT);
        SnpEndorsement endorsement =
                ((SnpEndorsement.Result.Trusted)
                                SnpEndorsement.validate(amd, vcek, List.of(), NOW))
                        .endorsement();
        checks.put(
                "snp-report",
                () ->
                        SnpVerifier.verify(report, endorsement)
                                instanceof SnpVerifier.Result.Verified);
        byte[] both = new byte[96];
        for (int i = 0; i < 48; i++) {
            both[i] = report[672 + 47 - i];
            both[48 + i] = report[744 + 47 - i];
        }
        Signature verifier = Signature.getInstance("SHA384withECDSAinP1363Format");
        checks.put(
                "snp-signature-jdk",
                () -> {
                    verifier.initVerify(vcek.getPublicKey());
                    verifier.update(report, 0, 672);
                    return verifier.verify(both);
                });
        byte[] file =
                new StoredEvidence(
                                List.of(new StoredEvidence.Part.Snp(Octets.of(report), vcek)),
                                List.of(),
                                List.of())
                        .write()
                        .getBytes(StandardCharsets.UTF_8);
        Policy policy = Presets.of(Level.OPEN);
        checks.put("snp-evidence-known-chip", () -> trusted(file, policy, List.of()));
        checks.put(
                "snp-evidence",
                () -> {
                    forget();
                    return trusted(file, policy, List.of());
                });
    }

    private static boolean trusted(byte[] file, Policy policy, List<TrustAnchors> makers)
            throws Exception {
        return Verifier.verify(
                                StoredEvidence.read(file),
                                policy,
                                new Verifier.Expectation.Unknown(),
                                makers,
                                Instant.now())
                        .verdict()
                == VerificationReport.Verdict.TRUSTED;
    }

    private static void tdx(Map<String, Check> checks, Path folder) throws Exception {
        byte[] quote =
                TdxQuote.fromBuffer(Files.readAllBytes(folder.resolve("cos-113-v4.dat")));
        ChainValidator intel =
                new ChainValidator(VendorRoots.intel(), List.of(), RevocationRule.IF_PRESENT);
        checks.put(
                "tdx-quote",
                () -> {
                    forget();
                    return TdxVerifier.verify(quote, intel, NOW)
                            instanceof TdxVerifier.Result.Verified;
                });
    }

    /// The JDK remembers certificates it has read and signatures it has checked, and we remember
    /// keys; what is seen for the first time costs more, and that is what is measured.
    private static void forget() throws Exception {
        var keys = EcdsaKey.class.getDeclaredField("KEPT");
        keys.setAccessible(true);
        ((Map<?, ?>) keys.get(null)).clear();
        var field = Class.forName("sun.security.provider.X509Factory").getDeclaredField("certCache");
        field.setAccessible(true);
        Object cache = field.get(null);
        var clear = Class.forName("sun.security.util.Cache").getDeclaredMethod("clear");
        clear.setAccessible(true);
        clear.invoke(cache);
    }
}
