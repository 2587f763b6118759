// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.attestation.appliance;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.sparegrid.attestation.tpm.HashAlgorithm;
import org.sparegrid.attestation.wire.EvidenceFormatException;
import org.sparegrid.attestation.wire.Octets;

/// A program that UEFI firmware can start, as far as its measurement goes.
///
/// ```text
///  offset  size  field
///      60     4  offset p of the PE header
///     p+0     4  "PE", 0, 0
///     p+6     2  number of sections
///    p+20     2  size of the optional header
///    p+24     2  magic of the optional header: 0x20b, 64 bits
///    p+84     4  size of the headers
///    p+88     4  checksum, not measured
///   p+132     4  number of directories
///   p+168     8  offset and size of the certificates, not measured
/// ```
///
/// A section header of 40 bytes has its name (8), size and address in memory, and size and offset
/// in the file (4 each). Integers are little-endian.
///
/// Source: Microsoft PE format; Windows Authenticode Portable Executable Signature Format 1.0,
/// "Calculating the PE Image Hash", as EDK II computes it.
public final class PortableExecutable {
    /// Largest program read; an appliance's kernel with its first file system has about 60 MB.
    public static final int LENGTH_BYTES_MAX = 512 << 20;

    private static final int SECTIONS_MAX = 96;
    private static final int SECTION_BYTES = 40;
    private static final int MAGIC_64 = 0x20b;
    private static final int CERTIFICATES = 4;
    private static final long HEADERS_MAX = 1 << 20;

    private final ByteBuffer file;
    private final int header;
    private final long headersBytes;
    private final long certificatesOffset;
    private final long certificatesBytes;
    private final List<Section> sections;

    /// A part of the program.
    ///
    /// @param name without the zeros behind it
    /// @param memoryBytes size in memory, where it is filled up with zeros
    record Section(String name, long memoryBytes, long fileOffset, long fileBytes) {}

    private PortableExecutable(ByteBuffer file) throws EvidenceFormatException {
        this.file = file;
        check(file.limit() <= LENGTH_BYTES_MAX, "at most " + LENGTH_BYTES_MAX + " bytes", 0);
        check(u16(0) == 0x5a4d, "'MZ'", 0);
        long at = u32(60);
        check(at >= 64 && at <= HEADERS_MAX, "an offset of the header up to 1 MiB", 60);
        header = (int) at;
        check(u32(header) == 0x4550, "'PE'", header);
        check(u16(header + 24) == MAGIC_64, "a program of 64 bits", header + 24);
        long optionalBytes = u16(header + 20);
        long directories = u32(header + 132);
        check(
                directories > CERTIFICATES && optionalBytes >= 112 + 8 * directories,
                "a place for certificates",
                header + 132);
        headersBytes = u32(header + 84);
        long table = header + 24 + optionalBytes;
        int count = u16(header + 6);
        check(count <= SECTIONS_MAX, "at most " + SECTIONS_MAX + " sections", header + 6);
        check(
                headersBytes >= table + (long) count * SECTION_BYTES
                        && headersBytes <= file.limit(),
                "headers that hold all sections",
                header + 84);
        certificatesOffset = u32(header + 168);
        certificatesBytes = u32(header + 172);
        sections = sections((int) table, count);
        checkCertificates();
    }

    /// Reads the headers of the program that fills `file` from 0 to its limit; the buffer is kept.
    ///
    /// @throws EvidenceFormatException if they are not as specified
    public static PortableExecutable parse(ByteBuffer file) throws EvidenceFormatException {
        return new PortableExecutable(file.duplicate().position(0).order(ByteOrder.LITTLE_ENDIAN));
    }

    private List<Section> sections(int table, int count) throws EvidenceFormatException {
        List<Section> all = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            int at = table + i * SECTION_BYTES;
            byte[] name = new byte[8];
            file.get(at, name);
            long bytes = u32(at + 16);
            long offset = u32(at + 20);
            check(
                    bytes == 0 || (offset >= headersBytes && offset + bytes <= file.limit()),
                    "a section inside of the file",
                    at + 20);
            all.add(
                    new Section(
                            new String(name, StandardCharsets.ISO_8859_1).replace("\0", ""),
                            u32(at + 8),
                            offset,
                            bytes));
        }
        all.sort(Comparator.comparingLong(Section::fileOffset));
        return List.copyOf(all);
    }

    private void checkCertificates() throws EvidenceFormatException {
        long sectionsEnd = sectionsEnd();
        check(
                certificatesBytes == 0
                        || (certificatesOffset + certificatesBytes == file.limit()
                                && certificatesOffset >= sectionsEnd),
                "certificates at the end of the file",
                header + 168);
    }

    /// The hash takes section after section; only without gaps is that the same as the whole file.
    private long sectionsEnd() throws EvidenceFormatException {
        long sum = headersBytes;
        for (Section section : sections) {
            check(
                    section.fileBytes() == 0 || section.fileOffset() == sum,
                    "sections one behind the other",
                    (int) Math.min(sum, Integer.MAX_VALUE));
            sum += section.fileBytes();
        }
        return sum;
    }

    /// What a section has in memory; nothing if there is none of that name.
    ///
    /// @throws EvidenceFormatException if there are two, or one that is larger in memory than in
    ///   the file
    public Optional<ByteBuffer> section(String name) throws EvidenceFormatException {
        List<Section> named = sections.stream().filter(each -> each.name().equals(name)).toList();
        if (named.isEmpty()) {
            return Optional.empty();
        }
        Section only = named.getFirst();
        check(named.size() == 1, "one section " + name, (int) only.fileOffset());
        check(
                only.memoryBytes() > 0 && only.memoryBytes() <= only.fileBytes(),
                "section " + name + " whole in the file",
                (int) only.fileOffset());
        return Optional.of(file.slice((int) only.fileOffset(), (int) only.memoryBytes()));
    }

    /// What firmware measures when it loads the program: everything but the checksum, the place of
    /// the certificates and the certificates, so that a signature changes nothing.
    public Octets authenticode(HashAlgorithm hash) {
        MessageDigest digest = hash.newDigest();
        update(digest, 0, header + 88);
        update(digest, header + 92, header + 168);
        update(digest, header + 176, headersBytes);
        // Sections follow one another from here to the certificates, as parsing made sure.
        update(digest, headersBytes, file.limit() - certificatesBytes);
        return Octets.of(digest.digest());
    }

    private void update(MessageDigest digest, long from, long to) {
        digest.update(file.slice((int) from, (int) (to - from)));
    }

    private int u16(int at) throws EvidenceFormatException {
        need(at, 2);
        return Short.toUnsignedInt(file.getShort(at));
    }

    private long u32(int at) throws EvidenceFormatException {
        need(at, 4);
        return Integer.toUnsignedLong(file.getInt(at));
    }

    private void need(int at, int bytes) throws EvidenceFormatException {
        check(at + (long) bytes <= file.limit(), bytes + " bytes", at);
    }

    private static void check(boolean holds, String expected, int at)
            throws EvidenceFormatException {
        if (!holds) {
            throw new EvidenceFormatException("program: expected " + expected + " at offset " + at);
        }
    }
}
