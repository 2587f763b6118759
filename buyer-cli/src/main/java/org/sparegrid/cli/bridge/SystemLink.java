// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.cli.bridge;

import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;

/// A connection through the system's network stack. The end of what is sent ends only that way.
record SystemLink(Socket socket) implements ControlServer.Link {
    @Override
    public InputStream inputStream() throws IOException {
        return socket.getInputStream();
    }

    @Override
    public OutputStream outputStream() throws IOException {
        OutputStream out = socket.getOutputStream();
        return new FilterOutputStream(out) {
            @Override
            public void write(byte[] bytes, int offset, int length) throws IOException {
                out.write(bytes, offset, length);
            }

            @Override
            public void close() throws IOException {
                socket.shutdownOutput();
            }
        };
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
