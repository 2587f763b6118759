// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.desktop;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/// Reads the secrets of X displays. Source: Xau(3), the file's format.
final class XAuthority {
    private static final int BYTES_MAX = 1 << 20;

    private XAuthority() {}

    /// The secret of the display with this number, or none.
    static byte[] cookie(Path file, String number) throws IOException {
        if (!Files.isReadable(file) || Files.size(file) > BYTES_MAX) {
            return new byte[0];
        }
        ByteBuffer in = ByteBuffer.wrap(Files.readAllBytes(file));
        while (in.remaining() >= 2) {
            in.getShort();
            byte[] address = counted(in);
            String display = new String(counted(in), StandardCharsets.US_ASCII);
            String kind = new String(counted(in), StandardCharsets.US_ASCII);
            byte[] secret = counted(in);
            boolean ours = display.isEmpty() || display.equals(number);
            if (ours && kind.equals("MIT-MAGIC-COOKIE-1") && address.length < BYTES_MAX) {
                return secret;
            }
        }
        return new byte[0];
    }

    private static byte[] counted(ByteBuffer in) throws IOException {
        int length = in.remaining() < 2 ? -1 : Short.toUnsignedInt(in.getShort());
        if (length < 0 || length > in.remaining()) {
            throw new IOException("the X authority file is cut off");
        }
        byte[] bytes = new byte[length];
        in.get(bytes);
        return bytes;
    }
}
