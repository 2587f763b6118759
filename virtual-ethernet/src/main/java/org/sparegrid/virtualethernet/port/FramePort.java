// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet.port;

import java.io.IOException;
import java.nio.ByteBuffer;
import org.sparegrid.virtualethernet.frame.SuperFrame;

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

        /// Takes a frame that more may follow at once, until [#flush]. The array is the port's
        /// again afterwards and may have been changed. Only on the thread of the port.
        default void add(SuperFrame frame) {
            byte[] one = new byte[frame.longest()];
            for (int i = 0; i < frame.count(); i++) {
                accept(ByteBuffer.wrap(one, 0, frame.write(i, one, 0, true)));
            }
        }

        /// The machine has nothing more to send just now.
        default void flush() {}
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

    /// Passes an undivided frame to the machine, by [#flush] at the latest; callable from any
    /// thread. The array is the caller's again afterwards.
    ///
    /// @return false if it was dropped
    default boolean add(SuperFrame frame) {
        frame.finish();
        return send(ByteBuffer.wrap(frame.bytes(), frame.offset(), frame.length()));
    }

    /// Passes to the machine what was added; callable from any thread.
    default void flush() {}

    /// Limits the processor time that the port's own threads use for its machine, which may be
    /// hostile; they have no limit before. What the machine sends waits then. Does nothing where
    /// the machine is this computer itself.
    ///
    /// @param ofOneProcessor 0 for next to nothing, 1 for all of one, infinite for no limit
    default void limitProcessors(double ofOneProcessor) {}

    /// Stops the port's thread and removes what the port made.
    @Override
    void close();
}
