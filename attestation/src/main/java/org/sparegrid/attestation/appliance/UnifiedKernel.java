// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.attestation.appliance;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.sparegrid.attestation.tpm.HashAlgorithm;
import org.sparegrid.attestation.wire.EvidenceFormatException;
import org.sparegrid.attestation.wire.Octets;

/// A kernel, its first file system and its command line in one program, and what a computer's TPM
/// holds once firmware has started it.
///
/// systemd-stub, the program's first part, extends register 11 with the name of each section, a
/// zero behind it, and then with the section, both hashed. Firmware extends register 4 with the
/// program and, when the stub loads it, with the kernel inside. The kernel's own stub extends
/// register 9 with the command line in UTF-16 and a zero behind it, and with the first file system.
///
/// Source: systemd 252, systemd-stub(7) and systemd-measure(1); Linux 6.1,
/// drivers/firmware/efi/libstub. What other versions measure is not known here, so they are
/// refused.
public final class UnifiedKernel {
    private static final HashAlgorithm BANK = HashAlgorithm.SHA256;
    private static final Pattern STUB = Pattern.compile("LoaderInfo: systemd-stub ([0-9]+)[^#]*#");
    private static final int STUB_VERSION = 252;

    /// In the order of measurement; what else a program has is not measured by the stub.
    private static final List<String> MEASURED =
            List.of(".linux", ".osrel", ".cmdline", ".initrd", ".splash", ".dtb", ".pcrpkey");

    private UnifiedKernel() {}

    /// What a computer shows that started `program`, and nothing else, without additions to its
    /// command line or its file system.
    ///
    /// @param program the program that fills the buffer from 0 to its limit
    /// @throws EvidenceFormatException if it is not such a program
    public static ApplianceBoot predict(ByteBuffer program) throws EvidenceFormatException {
        PortableExecutable whole = PortableExecutable.parse(program);
        checkStub(whole);
        if (whole.section(".pcrsig").isPresent()) {
            throw new EvidenceFormatException(
                    "unified kernel: expected no signature of registers, which changes the first"
                            + " file system, got .pcrsig");
        }
        ByteBuffer kernel = needed(whole, ".linux");
        return new ApplianceBoot(
                List.of(
                        whole.authenticode(BANK),
                        PortableExecutable.parse(kernel).authenticode(BANK)),
                loaded(needed(whole, ".cmdline"), needed(whole, ".initrd")),
                sections(whole));
    }

    private static void checkStub(PortableExecutable whole) throws EvidenceFormatException {
        Matcher version = STUB.matcher(text(needed(whole, ".sdmagic")));
        if (!version.find()) {
            throw new EvidenceFormatException(
                    "unified kernel: expected systemd-stub, got another program");
        }
        if (!version.group(1).equals("" + STUB_VERSION)) {
            throw new EvidenceFormatException(
                    "unified kernel: expected systemd-stub "
                            + STUB_VERSION
                            + ", got "
                            + version.group(1));
        }
    }

    private static Octets sections(PortableExecutable whole) throws EvidenceFormatException {
        byte[] register = new byte[BANK.lengthBytes()];
        for (String name : MEASURED) {
            Optional<ByteBuffer> section = whole.section(name);
            if (section.isPresent()) {
                byte[] ended = (name + "\0").getBytes(StandardCharsets.US_ASCII);
                register = BANK.hash(register, BANK.hash(ended));
                register = BANK.hash(register, hash(section.get()));
            }
        }
        return Octets.of(register);
    }

    /// The stub cuts blanks off and the kernel's may not know more than ASCII, so a command line
    /// has to be one that all agree about.
    private static Octets loaded(ByteBuffer commandLine, ByteBuffer initrd)
            throws EvidenceFormatException {
        String line = text(commandLine);
        if (!line.matches("[!-~]([ -~]*[!-~])?")) {
            throw new EvidenceFormatException(
                    "unified kernel: expected a command line of ASCII without blanks or zeros at"
                            + " its ends, got another");
        }
        byte[] options = (line + "\0").getBytes(StandardCharsets.UTF_16LE);
        byte[] register = BANK.hash(new byte[BANK.lengthBytes()], BANK.hash(options));
        return Octets.of(BANK.hash(register, hash(initrd)));
    }

    private static ByteBuffer needed(PortableExecutable whole, String name)
            throws EvidenceFormatException {
        Optional<ByteBuffer> section = whole.section(name);
        if (section.isEmpty()) {
            throw new EvidenceFormatException(
                    "unified kernel: expected a section " + name + ", got none");
        }
        return section.get();
    }

    private static String text(ByteBuffer bytes) {
        return StandardCharsets.ISO_8859_1.decode(bytes.duplicate()).toString();
    }

    private static byte[] hash(ByteBuffer bytes) {
        MessageDigest digest = BANK.newDigest();
        digest.update(bytes.duplicate());
        return digest.digest();
    }
}
