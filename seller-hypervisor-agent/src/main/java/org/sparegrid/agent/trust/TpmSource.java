// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.trust;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.Optional;
import org.sparegrid.attestation.tpm.device.DeviceConnection;
import org.sparegrid.attestation.tpm.device.SocketConnection;
import org.sparegrid.attestation.tpm.device.Tpm;
import org.sparegrid.attestation.wire.Octets;

/// Where the TPM is, and what is known of this boot and this program.
final class TpmSource {
    /// The longest boot log that evidence takes along, in bytes.
    private static final int BOOT_LOG_BYTES_MAX = 512 * 1024;

    private TpmSource() {}

    /// Opens the TPM that the setting `tpm` names.
    ///
    /// @return nothing if there is none to use
    /// @throws IOException if one was named and can't be used
    static Optional<Tpm> open(String setting, SecureRandom random) throws IOException {
        if (setting.equals("none")) {
            return Optional.empty();
        }
        if (setting.equals("auto")) {
            return Files.isReadable(DeviceConnection.DEFAULT)
                            && Files.isWritable(DeviceConnection.DEFAULT)
                    ? Optional.of(new Tpm(DeviceConnection.open(DeviceConnection.DEFAULT), random))
                    : Optional.empty();
        }
        if (!setting.startsWith("swtpm:")) {
            return Optional.of(new Tpm(DeviceConnection.open(Path.of(setting)), random));
        }
        String place = setting.substring("swtpm:".length());
        return Optional.of(
                new Tpm(
                        SocketConnection.open(
                                place.matches("[0-9]{1,5}")
                                        ? new InetSocketAddress(
                                                InetAddress.getLoopbackAddress(),
                                                Integer.parseInt(place))
                                        : UnixDomainSocketAddress.of(place)),
                        random));
    }

    /// The boot log, or nothing if it can't be read: then the boot can't be shown.
    static Octets bootLog(Path file) throws IOException {
        if (!Files.isReadable(file)) {
            return Octets.EMPTY;
        }
        try (InputStream in = Files.newInputStream(file)) {
            byte[] bytes = in.readNBytes(BOOT_LOG_BYTES_MAX + 1);
            return bytes.length > BOOT_LOG_BYTES_MAX ? Octets.EMPTY : Octets.of(bytes);
        }
    }

    /// The digest of this program's files, which an agent says of itself; what makes it believable
    /// is that the appliance it sits in was measured.
    static Octets programDigest() throws IOException {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            for (String entry : System.getProperty("java.class.path", "").split(":", -1)) {
                Path file = Path.of(entry);
                if (Files.isRegularFile(file)) {
                    try (InputStream in =
                            new DigestInputStream(Files.newInputStream(file), digest)) {
                        in.transferTo(java.io.OutputStream.nullOutputStream());
                    }
                }
            }
            return Octets.of(digest.digest());
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException("every JDK has SHA-256", impossible);
        }
    }
}
