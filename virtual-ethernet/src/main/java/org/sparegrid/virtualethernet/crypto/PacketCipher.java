// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet.crypto;

/// Seals or opens the packets of one direction of a session. Not for two threads at once.
public interface PacketCipher extends AutoCloseable {
    /// Bytes of the tag behind the sealed text.
    int TAG_LENGTH = 16;

    /// What [#open] answers for a forgery.
    int FORGED = -1;

    /// Seals `length` bytes at `offset` in their place and puts the tag behind them. A counter is
    /// never used twice.
    void seal(long counter, byte[] buffer, int offset, int length);

    /// Opens `length` sealed bytes, tag included, into another array.
    ///
    /// @return the length of the text, or [#FORGED], after which `out` holds nothing of use
    int open(long counter, byte[] sealed, int offset, int length, byte[] out, int at);

    /// Forgets the key.
    @Override
    void close();
}
