// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.attestation.certificate;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import org.sparegrid.attestation.wire.EvidenceFormatException;

/// The roots of processor makers, as they publish them.
///
/// Roots of TPM makers are not shipped: there are dozens and they change, so the caller hands in a
/// folder of them.
///
/// Source: https://kdsintf.amd.com/vcek/v1/PRODUCT/cert_chain and
/// https://certificates.trustedservices.intel.com/ (Intel SGX Root CA).
public final class VendorRoots {
    private static final List<String> AMD =
            List.of(
                    "amd-ark-milan.pem",
                    "amd-ark-genoa.pem",
                    "amd-ark-turin.pem",
                    "amd-ask-milan.pem",
                    "amd-ask-genoa.pem",
                    "amd-ask-turin.pem",
                    "amd-asvk-milan.pem");

    private VendorRoots() {}

    /// AMD's root keys (ARK) of Milan, Genoa and Turin, with the signing keys (ASK) below them.
    public static TrustAnchors amd() {
        return Amd.ANCHORS;
    }

    /// Intel's root of SGX and TDX.
    public static TrustAnchors intel() {
        return Intel.ANCHORS;
    }

    /// Read once, by whoever asks first: the JDK remembers which of them signed which.
    private static final class Amd {
        static final TrustAnchors ANCHORS = read(AMD);

        private Amd() {}
    }

    private static final class Intel {
        static final TrustAnchors ANCHORS = read(List.of("intel-sgx-root.pem"));

        private Intel() {}
    }

    private static TrustAnchors read(List<String> names) {
        List<X509Certificate> all = new ArrayList<>();
        for (String name : names) {
            try (InputStream resource = VendorRoots.class.getResourceAsStream(name)) {
                if (resource == null) {
                    throw new IllegalStateException("the module lacks its resource " + name);
                }
                all.addAll(Certificates.strictPem(resource.readAllBytes()));
            } catch (IOException failure) {
                throw new UncheckedIOException("reading the resource " + name, failure);
            } catch (EvidenceFormatException broken) {
                throw new IllegalStateException("the resource " + name + " is broken", broken);
            }
        }
        return TrustAnchors.of(all, TrustAnchors.Origin.VENDOR);
    }
}
