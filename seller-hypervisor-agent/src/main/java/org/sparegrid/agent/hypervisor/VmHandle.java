// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.hypervisor;

import java.io.IOException;
import java.nio.file.Path;
import org.sparegrid.agent.process.ProcessId;

/// One guest that was started. Methods may wait for the hypervisor; one thread at a time.
public interface VmHandle {
    /// The guest's name.
    String name();

    /// The QEMU process; the same for as long as the guest lives.
    ProcessId process();

    /// Where the network card's other end is.
    Path networkSocket();

    /// Where the serial console's other end is.
    Path serialSocket();

    /// Lets a guest run that was launched: until then no instruction of it is executed.
    void resume() throws IOException;

    /// Whether QEMU is there.
    boolean isAlive() throws IOException;

    /// How it ended, once it isn't alive.
    VmEnd end() throws IOException;

    /// Processor time of the guest since its QEMU started, in nanoseconds.
    long cpuNanos() throws IOException;

    /// Ends the guest and removes everything that was made for it. Again and again if need be.
    void remove() throws IOException;
}
