// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.hypervisor;

import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Optional;

/// Starts guests and finds those again that an earlier run of this program started.
public interface Hypervisor extends AutoCloseable {
    /// Makes the guest and its QEMU, with the guest halted before its first instruction.
    ///
    /// @throws IOException if the guest can't be made; nothing of it remains then
    VmHandle launch(VmSpec spec) throws IOException;

    /// Brings a parked guest back, suspended, in a new QEMU; or finds it if that was done already.
    ///
    /// @throws IOException if it can't be brought back
    VmHandle unpark(String name) throws IOException;

    /// Makes a guest again from what [VmHandle#save] wrote, suspended, in a new QEMU.
    ///
    /// @throws IOException if it can't be made
    VmHandle restore(String name, InputStream in) throws IOException;

    /// The guest of that name, alive or dead, if the hypervisor knows it.
    Optional<VmHandle> find(String name) throws IOException;

    /// The names of all guests that the hypervisor knows.
    List<String> names() throws IOException;

    /// Removes whatever is left of a guest of that name, known to the hypervisor or not.
    void purge(String name) throws IOException;

    /// Looks at the processes themselves and says how well guests are locked up.
    ///
    /// @throws IOException if that can't be found out
    Confinement inspect(VmHandle vm) throws IOException;

    /// What it is, with versions.
    String description() throws IOException;

    /// What holds guests to each of their limits here, one line each.
    List<String> caps();

    /// Makes sure that the hypervisor's own processes run.
    void ensureRunning() throws IOException;

    /// Ends the hypervisor's own processes, if no guest needs them.
    void shutDown() throws IOException;

    /// Lets go of everything; guests run on.
    @Override
    void close();
}
