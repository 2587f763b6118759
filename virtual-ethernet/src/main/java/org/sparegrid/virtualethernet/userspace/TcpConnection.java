// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet.userspace;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;

/// A TCP connection made by [UserSpaceHost#connect].
///
/// One thread may read while another writes. Both streams fail with an `IOException` once the peer
/// resets the connection or stops answering.
public interface TcpConnection extends Closeable {
    /// The bytes that the peer sends; ends when the peer has closed its side.
    InputStream inputStream();

    /// Takes bytes for the peer; `close` tells it that no more follow and leaves reading open.
    OutputStream outputStream();

    /// Ends the connection: in order if everything was read and written, else with a reset.
    @Override
    void close() throws IOException;
}
