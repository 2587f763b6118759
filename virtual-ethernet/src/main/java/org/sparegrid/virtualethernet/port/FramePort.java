// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet.port;

import java.io.IOException;
import java.nio.ByteBuffer;

/// Where one machine's network card meets the overlay.
///
/// A port belongs to one attachment, which starts, configures and closes it. Frames are without
/// preamble and FCS.
public interface FramePort extends AutoCloseable {
    /// Receives the frames that the machine sends.
    @FunctionalInterface
    interface Sink {
        /// Takes the frame between position and limit; the buffer is the port's again afterwards.
        void accept(ByteBuffer frame);
    }

    /// Begins to deliver frames to `sink`, on a thread of the port. Called once.
    ///
    /// @throws IOException if the device cannot be opened
    void start(Sink sink) throws IOException;

    /// Tells the port who its machine is. Called before frames matter and after each change.
    ///
    /// @throws IOException if the device refuses the settings
    void configure(PortAddress address) throws IOException;

    /// Passes the frame between position and limit to the machine; callable from any thread.
    ///
    /// @return false if it was dropped, because the machine is not there or does not keep up
    boolean send(ByteBuffer frame);

    /// Stops the port's thread and removes what the port made.
    @Override
    void close();
}
