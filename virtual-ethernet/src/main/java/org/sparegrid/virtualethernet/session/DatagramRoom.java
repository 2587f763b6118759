// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet.session;

import java.net.InetSocketAddress;

/// Where datagrams are made, one after the other, to be sent together.
public interface DatagramRoom {
    /// Makes room for a datagram of at most `lengthMax` bytes to `to`.
    ///
    /// @return where it begins in [#buffer]
    int open(int lengthMax, InetSocketAddress to);

    /// The array of the datagram that was opened last.
    byte[] buffer();

    /// Ends the datagram that was opened last; it has `length` bytes.
    void close(int length);
}
