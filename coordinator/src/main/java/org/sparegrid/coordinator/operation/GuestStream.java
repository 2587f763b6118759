// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.operation;

import java.io.IOException;

/// Bytes to and from a port of a machine. One thread may read while another writes; both may wait,
/// and any thread may close it.
public interface GuestStream extends AutoCloseable {
    /// What the machine sends next; empty once it sends no more.
    ///
    /// @throws IOException if the stream is broken or closed
    byte[] read() throws IOException, InterruptedException;

    /// Sends bytes to the machine; returns when they are on their way to its seller.
    ///
    /// @throws IOException if the stream is broken or closed
    void write(byte[] bytes) throws IOException, InterruptedException;

    /// Tells the machine that no more bytes follow.
    ///
    /// @throws IOException if the stream is broken or closed
    void finish() throws IOException, InterruptedException;

    @Override
    void close();
}
