// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.nbd;

import java.nio.ByteBuffer;

/// Numbers of the protocol that we speak: newstyle, fixed, with simple replies.
///
/// Source: https://github.com/NetworkBlockDevice/nbd/blob/master/doc/proto.md
final class Nbd {
    static final long GREETING = 0x4e42444d41474943L;
    static final long OPTION = 0x49484156454f5054L;
    static final long OPTION_REPLY = 0x3e889045565a9L;
    static final int REQUEST = 0x25609513;
    static final int REPLY = 0x67446698;

    static final int FIXED_NEWSTYLE = 1;
    static final int NO_ZEROES = 2;

    static final int OPTION_EXPORT_NAME = 1;
    static final int OPTION_ABORT = 2;
    static final int OPTION_LIST = 3;
    static final int OPTION_INFO = 6;
    static final int OPTION_GO = 7;

    static final int ACK = 1;
    static final int SERVER = 2;
    static final int INFO = 3;
    static final int UNSUPPORTED = 0x80000001;
    static final int INVALID = 0x80000003;
    static final int UNKNOWN = 0x80000006;

    static final int INFO_EXPORT = 0;
    static final int INFO_BLOCK_SIZE = 3;

    /// It has flags, is read-only, and several connections see the same bytes.
    static final int TRANSMISSION_FLAGS = 1 | 2 | 1 << 8;

    static final int READ = 0;
    static final int WRITE = 1;
    static final int DISCONNECT = 2;

    static final int NO_ERROR = 0;
    static final int NOT_PERMITTED = 1;
    static final int IO_ERROR = 5;
    static final int BAD_ARGUMENT = 22;

    static final int REQUEST_BYTES = 28;

    /// The longest read, in bytes; told to the client as the largest block.
    static final int READ_BYTES_MAX = 512 * 1024;

    private Nbd() {}

    /// What the client asks for after the handshake.
    ///
    /// ```text
    ///  offset  size  field
    ///       0     4  magic     0x25609513
    ///       4     2  flags     none that we offer; ignored
    ///       6     2  type
    ///       8     8  handle    repeated in the reply
    ///      16     8  offset
    ///      24     4  length
    /// ```
    record Request(int type, long handle, long offsetBytes, long lengthBytes) {
        static Request parse(ByteBuffer in) throws NbdFormatException {
            int magic = in.getInt();
            if (magic != REQUEST) {
                throw new NbdFormatException(
                        "nbd: expected a request, got magic " + Integer.toHexString(magic));
            }
            in.getShort();
            return new Request(
                    Short.toUnsignedInt(in.getShort()),
                    in.getLong(),
                    in.getLong(),
                    Integer.toUnsignedLong(in.getInt()));
        }

        /// Whether it is a read that an export of `sizeBytes` can answer.
        boolean isWithin(long sizeBytes) {
            return lengthBytes >= 1
                    && lengthBytes <= READ_BYTES_MAX
                    && offsetBytes >= 0
                    && offsetBytes <= sizeBytes - lengthBytes;
        }
    }
}
