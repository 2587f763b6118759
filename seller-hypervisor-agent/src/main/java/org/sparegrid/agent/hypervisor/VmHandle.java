// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.hypervisor;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import org.sparegrid.agent.process.ProcessId;
import org.sparegrid.virtualethernet.port.FramePort;

/// One guest that was started. Methods may wait for the hypervisor; one thread at a time.
public interface VmHandle {
    /// The guest's name.
    String name();

    /// The QEMU process; the same for as long as the guest lives.
    ProcessId process();

    /// A new other end of its network card, which is the caller's. There can be one at a time; it
    /// dials QEMU again whenever that goes away.
    FramePort card() throws IOException;

    /// Where the serial console's other end is.
    Path serialSocket();

    /// Lets a guest run that was launched, suspended or brought back: until then no instruction of
    /// it is executed. Again and again if need be.
    void resume() throws IOException;

    /// Stops the guest's processors; nothing else of it changes. Again and again if need be.
    void suspend() throws IOException;

    /// Limits the guest's processors to a part of their time, from outside the guest.
    ///
    /// @param percent of all its processors together, 1 to 100
    void limitProcessors(int percent) throws IOException;

    /// Limits what it may read and write on all its disks together, from outside the guest.
    ///
    /// @param bytesPerSecond 0 for no limit
    void limitDisks(long bytesPerSecond) throws IOException;

    /// Presses the guest's power button, so that its system writes what it holds and ends. Nothing
    /// waits for it, and a guest may not care.
    void powerDown() throws IOException;

    /// Whether its processors stand still.
    boolean isSuspended() throws IOException;

    /// Saves a suspended guest to the disk and ends its QEMU; [Hypervisor#unpark] brings it back.
    ///
    /// @throws IOException if it can't be saved; it stays as it was then
    void park() throws IOException;

    /// Writes all that [Hypervisor#restore] needs of a suspended guest; it stays as it is.
    void save(OutputStream out) throws IOException;

    /// Whether it is saved to the disk and has no QEMU.
    boolean isParked() throws IOException;

    /// Whether QEMU is there.
    boolean isAlive() throws IOException;

    /// How it ended, once it isn't alive.
    VmEnd end() throws IOException;

    /// Processor time of the guest since its QEMU started, in nanoseconds.
    long cpuNanos() throws IOException;

    /// Ends the guest and removes everything that was made for it. Again and again if need be.
    void remove() throws IOException;
}
