// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.nbd;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/// The talk before the first request: what is served, and that it is read-only.
final class Handshake {
    /// The longest data of an option: a name of 4096 bytes is the protocol's longest.
    private static final int OPTION_BYTES_MAX = 4096 + 64;

    /// More options than QEMU sends by far.
    private static final int OPTIONS_MAX = 32;

    private static final int ZEROES = 124;

    private final Line line;
    private final byte[] name;
    private final long sizeBytes;
    private boolean zeroes;

    Handshake(Line line, String name, long sizeBytes) {
        this.line = line;
        this.name = name.getBytes(StandardCharsets.UTF_8);
        this.sizeBytes = sizeBytes;
    }

    /// Talks until the client begins to read.
    ///
    /// @return false if the client took its leave
    boolean talk() throws IOException {
        line.write(
                ByteBuffer.allocate(18)
                        .putLong(Nbd.GREETING)
                        .putLong(Nbd.OPTION)
                        .putShort((short) (Nbd.FIXED_NEWSTYLE | Nbd.NO_ZEROES)));
        int flags = line.read(4).getInt();
        if ((flags & Nbd.FIXED_NEWSTYLE) == 0
                || (flags & ~(Nbd.FIXED_NEWSTYLE | Nbd.NO_ZEROES)) != 0) {
            throw new NbdFormatException("nbd: expected flags 1 or 3, got " + flags);
        }
        zeroes = (flags & Nbd.NO_ZEROES) == 0;
        for (int i = 0; i < OPTIONS_MAX; i++) {
            ByteBuffer head = line.read(16);
            long magic = head.getLong();
            int option = head.getInt();
            int length = head.getInt();
            if (magic != Nbd.OPTION) {
                throw new NbdFormatException(
                        "nbd: expected an option, got magic " + Long.toHexString(magic));
            }
            if (length < 0 || length > OPTION_BYTES_MAX) {
                throw new NbdFormatException(
                        "nbd: expected an option of at most "
                                + OPTION_BYTES_MAX
                                + " bytes, got "
                                + Integer.toUnsignedString(length));
            }
            switch (answer(option, line.read(length))) {
                case BEGIN -> {
                    return true;
                }
                case LEAVE -> {
                    return false;
                }
                case GO_ON -> {}
            }
        }
        throw new NbdFormatException("nbd: expected at most " + OPTIONS_MAX + " options");
    }

    private enum Next {
        GO_ON,
        BEGIN,
        LEAVE
    }

    private Next answer(int option, ByteBuffer data) throws IOException {
        return switch (option) {
            case Nbd.OPTION_EXPORT_NAME -> begin(data);
            case Nbd.OPTION_ABORT -> {
                reply(option, Nbd.ACK, ByteBuffer.allocate(0));
                yield Next.LEAVE;
            }
            case Nbd.OPTION_LIST -> list(data);
            case Nbd.OPTION_INFO, Nbd.OPTION_GO ->
                    inform(option, data) && option == Nbd.OPTION_GO ? Next.BEGIN : Next.GO_ON;
            default -> {
                refuse(option, Nbd.UNSUPPORTED, "not here");
                yield Next.GO_ON;
            }
        };
    }

    private Next begin(ByteBuffer asked) throws IOException {
        // This option has no way to say no.
        if (!ByteBuffer.wrap(name).equals(asked)) {
            throw new NbdFormatException("nbd: expected the export that is here");
        }
        int length = 10 + (zeroes ? ZEROES : 0);
        line.write(
                ByteBuffer.allocate(length)
                        .putLong(sizeBytes)
                        .putShort((short) Nbd.TRANSMISSION_FLAGS)
                        .position(length));
        return Next.BEGIN;
    }

    private Next list(ByteBuffer data) throws IOException {
        if (data.hasRemaining()) {
            refuse(Nbd.OPTION_LIST, Nbd.INVALID, "a list takes no data");
            return Next.GO_ON;
        }
        reply(
                Nbd.OPTION_LIST,
                Nbd.SERVER,
                ByteBuffer.allocate(4 + name.length).putInt(name.length).put(name));
        reply(Nbd.OPTION_LIST, Nbd.ACK, ByteBuffer.allocate(0));
        return Next.GO_ON;
    }

    /// Says all that there is to say of the export, whatever the client asked to know.
    private boolean inform(int option, ByteBuffer data) throws IOException {
        int nameBytes = data.remaining() < 6 ? -1 : data.getInt();
        if (nameBytes < 0 || nameBytes > data.remaining() - 2) {
            refuse(option, Nbd.INVALID, "the name is longer than the option");
            return false;
        }
        ByteBuffer asked = data.slice(data.position(), nameBytes);
        data.position(data.position() + nameBytes);
        if (data.remaining() != 2 + 2 * Short.toUnsignedInt(data.getShort(data.position()))) {
            refuse(option, Nbd.INVALID, "the requests don't fill the option");
            return false;
        }
        if (!ByteBuffer.wrap(name).equals(asked)) {
            refuse(option, Nbd.UNKNOWN, "there is no such export");
            return false;
        }
        reply(
                option,
                Nbd.INFO,
                ByteBuffer.allocate(12)
                        .putShort((short) Nbd.INFO_EXPORT)
                        .putLong(sizeBytes)
                        .putShort((short) Nbd.TRANSMISSION_FLAGS));
        reply(
                option,
                Nbd.INFO,
                ByteBuffer.allocate(14)
                        .putShort((short) Nbd.INFO_BLOCK_SIZE)
                        .putInt(1)
                        .putInt(4096)
                        .putInt(Nbd.READ_BYTES_MAX));
        reply(option, Nbd.ACK, ByteBuffer.allocate(0));
        return true;
    }

    private void refuse(int option, int error, String why) throws IOException {
        byte[] words = why.getBytes(StandardCharsets.UTF_8);
        reply(option, error, ByteBuffer.allocate(words.length).put(words));
    }

    private void reply(int option, int type, ByteBuffer data) throws IOException {
        data.flip();
        line.write(
                ByteBuffer.allocate(20 + data.remaining())
                        .putLong(Nbd.OPTION_REPLY)
                        .putInt(option)
                        .putInt(type)
                        .putInt(data.remaining())
                        .put(data));
    }
}
