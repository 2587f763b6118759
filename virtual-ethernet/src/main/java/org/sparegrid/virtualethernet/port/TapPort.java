// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet.port;

import java.nio.ByteBuffer;

/// A Linux TAP device, which puts this computer itself on the shared Ethernet. Needs root.
public final class TapPort implements FramePort {
    private final String name;

    /// Names the device, at most 15 characters; it is made by `start` and removed by `close`.
    public TapPort(String name) {
        this.name = name;
    }

    @Override
    public void start(Sink sink) {
        throw new UnsupportedOperationException("not built yet: " + name);
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
