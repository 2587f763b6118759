// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet.network;

import java.util.HexFormat;

/// An Ethernet address.
///
/// @param bits the six bytes as a number, first byte highest
public record MacAddress(long bits) {
    /// The address of every station.
    public static final MacAddress BROADCAST = new MacAddress(0xffff_ffff_ffffL);

    private static final HexFormat COLONS = HexFormat.ofDelimiter(":");

    /// Checks that no bit above the lowest 48 is set.
    public MacAddress {
        if (bits >>> 48 != 0) {
            throw new IllegalArgumentException(
                    "MAC address: expected 48 bits, got " + Long.toHexString(bits));
        }
    }

    /// Reads six hexadecimal bytes with colons between them.
    public static MacAddress parse(String text) {
        byte[] bytes;
        try {
            bytes = COLONS.parseHex(text);
        } catch (IllegalArgumentException badText) {
            throw new IllegalArgumentException(
                    "MAC address: expected xx:xx:xx:xx:xx:xx, got " + text, badText);
        }
        if (bytes.length != 6) {
            throw new IllegalArgumentException("MAC address: expected 6 bytes, got " + text);
        }
        return read(bytes, 0);
    }

    /// Reads the six bytes at `offset`.
    public static MacAddress read(byte[] bytes, int offset) {
        return new MacAddress(bits(bytes, offset));
    }

    /// Reads the six bytes at `offset` as a number, without making an object.
    public static long bits(byte[] bytes, int offset) {
        long bits = 0;
        for (int i = 0; i < 6; i++) {
            bits = (bits << 8) | (bytes[offset + i] & 0xff);
        }
        return bits;
    }

    /// Writes the six bytes at `offset`.
    public void write(byte[] bytes, int offset) {
        for (int i = 0; i < 6; i++) {
            bytes[offset + i] = (byte) (bits >>> (40 - 8 * i));
        }
    }

    /// Whether it names a group of stations, which includes broadcast.
    public boolean isGroup() {
        return (bits & 0x0100_0000_0000L) != 0;
    }

    @Override
    public String toString() {
        byte[] bytes = new byte[6];
        write(bytes, 0);
        return COLONS.formatHex(bytes);
    }
}
