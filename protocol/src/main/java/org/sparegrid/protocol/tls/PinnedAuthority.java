// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.protocol.tls;

import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.MessageDigest;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.HexFormat;
import java.util.Optional;
import java.util.stream.Stream;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;

/// Trusts a server whose certificate was issued by the one authority with a given fingerprint.
///
/// The server sends its authority's certificate with its own. The check of the host name stays with
/// the TLS client.
public final class PinnedAuthority implements X509TrustManager {
    private final String fingerprint;

    /// @param fingerprint the SHA-256 of the authority's certificate, 64 hexadecimal digits
    public PinnedAuthority(String fingerprint) {
        if (!fingerprint.matches("[0-9a-f]{64}")) {
            throw new IllegalArgumentException(
                    "authority: expected 64 hexadecimal digits, got " + fingerprint.length());
        }
        this.fingerprint = fingerprint;
    }

    /// A TLS context whose clients trust that authority and nothing else.
    public SSLContext clientContext() {
        try {
            SSLContext context = SSLContext.getInstance("TLSv1.3");
            context.init(null, new TrustManager[] {this}, null);
            return context;
        } catch (GeneralSecurityException impossible) {
            throw new IllegalStateException("this Java has no TLS 1.3", impossible);
        }
    }

    /// The fingerprint by which an authority's certificate is pinned.
    public static String fingerprint(X509Certificate authority) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(authority.getEncoded());
            return HexFormat.of().formatHex(digest);
        } catch (GeneralSecurityException impossible) {
            throw new IllegalStateException("a certificate can't be encoded", impossible);
        }
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType)
            throws CertificateException {
        Optional<X509Certificate> authority =
                Stream.of(chain)
                        .filter(certificate -> fingerprint(certificate).equals(fingerprint))
                        .findFirst();
        if (authority.isEmpty()) {
            throw new CertificateException(
                    "the server is not the coordinator that was pinned: none of its certificates"
                            + " has the fingerprint "
                            + fingerprint);
        }
        validator(authority.get()).checkServerTrusted(chain, authType);
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType)
            throws CertificateException {
        throw new CertificateException("clients are not checked here");
    }

    @Override
    public X509Certificate[] getAcceptedIssuers() {
        return new X509Certificate[0];
    }

    private static X509TrustManager validator(X509Certificate authority)
            throws CertificateException {
        try {
            KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
            store.load(null, null);
            store.setCertificateEntry("authority", authority);
            TrustManagerFactory factory =
                    TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            factory.init(store);
            return Stream.of(factory.getTrustManagers())
                    .filter(X509TrustManager.class::isInstance)
                    .map(X509TrustManager.class::cast)
                    .findFirst()
                    .orElseThrow(() -> new CertificateException("no X.509 trust manager"));
        } catch (GeneralSecurityException | java.io.IOException failed) {
            throw new CertificateException("can't check the server's certificate", failed);
        }
    }
}
