// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.hypervisor.libvirt;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/// What is saved of a guest: its definition, its scratch disk, and the state of its memory and
/// devices as QEMU sends it to another QEMU.
///
/// ```text
///   size  field
///      4  definition's length, at most 1 MiB
///      …  definition, libvirt's XML in UTF-8
///      8  scratch disk's length, 0 for none
///      …  scratch disk's file, qcow2
///      …  QEMU's migration stream, to the end
/// ```
///
/// Integers are big-endian. Source: docs/protocol/checkpoint.md.
final class SavedGuest {
    private static final int XML_BYTES_MAX = 1 << 20;

    private SavedGuest() {}

    /// Writes what stands before the stream; the guest must stand still.
    static void writeHead(OutputStream out, String xml, Path scratch) throws IOException {
        byte[] definition = xml.getBytes(StandardCharsets.UTF_8);
        DataOutputStream data = new DataOutputStream(out);
        data.writeInt(definition.length);
        data.write(definition);
        // QEMU may write in that folder: a link that it makes leads nowhere.
        if (Files.isRegularFile(scratch, LinkOption.NOFOLLOW_LINKS)) {
            long length = Files.size(scratch);
            data.writeLong(length);
            try (InputStream disk = Files.newInputStream(scratch, LinkOption.NOFOLLOW_LINKS)) {
                copy(disk, data, length);
            }
        } else {
            data.writeLong(0);
        }
        data.flush();
    }

    /// Reads what stands before the stream, and makes the scratch disk.
    ///
    /// @return the definition
    static String readHead(InputStream in, Path scratch) throws IOException {
        DataInputStream data = new DataInputStream(in);
        int length = data.readInt();
        if (length < 0 || length > XML_BYTES_MAX) {
            throw new IOException(
                    "checkpoint: expected a definition of at most 1 MiB, got " + length);
        }
        byte[] definition = new byte[length];
        data.readFully(definition);
        long diskLength = data.readLong();
        Files.deleteIfExists(scratch);
        if (diskLength > 0) {
            try (OutputStream disk =
                    Files.newOutputStream(scratch, StandardOpenOption.CREATE_NEW)) {
                copy(data, disk, diskLength);
            }
        }
        return new String(definition, StandardCharsets.UTF_8);
    }

    /// What libvirt expects before the stream in a file from which it restores a guest, suspended.
    ///
    /// Source: virQEMUSaveHeader in libvirt's qemu_saveimage.h; little-endian where it is.
    static byte[] libvirtHead(String xml) {
        byte[] definition = xml.getBytes(StandardCharsets.UTF_8);
        byte[] magic = "LibvirtQemudSave".getBytes(StandardCharsets.US_ASCII);
        int unusedBytes = 15 * Integer.BYTES;
        int version = 2;
        int notRunning = 0;
        int uncompressed = 0;
        return ByteBuffer.allocate(
                        magic.length + 4 * Integer.BYTES + unusedBytes + definition.length + 1)
                .order(ByteOrder.nativeOrder())
                .put(magic)
                .putInt(version)
                .putInt(definition.length + 1)
                .putInt(notRunning)
                .putInt(uncompressed)
                .put(new byte[unusedBytes])
                .put(definition)
                .put((byte) 0)
                .array();
    }

    private static void copy(InputStream from, OutputStream to, long length) throws IOException {
        byte[] buffer = new byte[1 << 16];
        long left = length;
        while (left > 0) {
            int read = from.read(buffer, 0, (int) Math.min(buffer.length, left));
            if (read < 0) {
                throw new IOException("checkpoint: the scratch disk is cut off");
            }
            to.write(buffer, 0, read);
            left -= read;
        }
    }
}
