// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet.port;

import java.nio.ByteBuffer;
import java.nio.file.Path;

/// The card of a QEMU guest: `-netdev stream,server=on,addr.type=unix,addr.path=PATH`.
///
/// Dials QEMU's socket and dials again, for as long as the port is open, whenever QEMU goes away.
public final class QemuStreamPort implements FramePort {
    private final Path socket;

    /// Names the socket that QEMU listens at; nothing is opened yet.
    public QemuStreamPort(Path socket) {
        this.socket = socket;
    }

    @Override
    public void start(Sink sink) {
        throw new UnsupportedOperationException("not built yet: " + socket);
    }

    @Override
    public void configure(PortAddress address) {}

    @Override
    public boolean send(ByteBuffer frame) {
        throw new UnsupportedOperationException("not built yet");
    }

    @Override
    public void close() {}
}
