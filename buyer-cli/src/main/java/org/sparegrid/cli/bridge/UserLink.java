// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.cli.bridge;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import org.sparegrid.virtualethernet.userspace.TcpConnection;

/// A connection through this program's own network stack.
record UserLink(TcpConnection connection) implements ControlServer.Link {
    @Override
    public InputStream inputStream() {
        return connection.inputStream();
    }

    @Override
    public OutputStream outputStream() {
        return connection.outputStream();
    }

    @Override
    public void close() throws IOException {
        connection.close();
    }
}
