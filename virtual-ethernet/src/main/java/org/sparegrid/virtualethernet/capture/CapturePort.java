// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet.capture;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.sparegrid.virtualethernet.frame.SuperFrame;
import org.sparegrid.virtualethernet.port.FramePort;
import org.sparegrid.virtualethernet.port.PortAddress;

/// A port whose frames can be looked at while they pass.
public final class CapturePort implements FramePort {
    private final FramePort port;
    private final List<Capture> captures = new CopyOnWriteArrayList<>();

    /// Passes everything on to `port`, which it owns.
    public CapturePort(FramePort port) {
        this.port = port;
    }

    /// Begins to copy the frames that pass.
    public Capture capture() {
        Capture capture = new Capture(PcapNg.LINK_ETHERNET, captures::remove);
        captures.add(capture);
        return capture;
    }

    @Override
    public void start(Sink sink) throws IOException {
        port.start(
                new Sink() {
                    @Override
                    public void accept(ByteBuffer frame) {
                        see(true, frame);
                        sink.accept(frame);
                    }

                    @Override
                    public void add(SuperFrame frame) {
                        captures.forEach(capture -> capture.add(true, frame));
                        sink.add(frame);
                    }

                    @Override
                    public void flush() {
                        sink.flush();
                    }
                });
    }

    @Override
    public void configure(PortAddress address) throws IOException {
        port.configure(address);
    }

    @Override
    public boolean send(ByteBuffer frame) {
        see(false, frame);
        return port.send(frame);
    }

    @Override
    public boolean add(SuperFrame frame) {
        captures.forEach(capture -> capture.add(false, frame));
        return port.add(frame);
    }

    @Override
    public void flush() {
        port.flush();
    }

    @Override
    public void limitProcessors(double ofOneProcessor) {
        port.limitProcessors(ofOneProcessor);
    }

    private void see(boolean outbound, ByteBuffer frame) {
        for (Capture capture : captures) {
            byte[] copy = new byte[frame.remaining()];
            frame.get(frame.position(), copy);
            capture.add(outbound, copy);
        }
    }

    @Override
    public void close() {
        captures.forEach(Capture::close);
        port.close();
    }
}
