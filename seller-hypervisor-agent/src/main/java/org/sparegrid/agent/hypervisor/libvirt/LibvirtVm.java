// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.hypervisor.libvirt;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.sparegrid.agent.hypervisor.VmEnd;
import org.sparegrid.agent.hypervisor.VmHandle;
import org.sparegrid.agent.hypervisor.VmPaths;
import org.sparegrid.agent.process.ProcessId;
import org.sparegrid.virtualethernet.port.FramePort;

/// A guest of [LibvirtHypervisor].
record LibvirtVm(LibvirtHypervisor hypervisor, String name, ProcessId process, VmPaths paths)
        implements VmHandle {
    /// How long libvirt may take to notice that a QEMU ended; it is seconds on a busy computer.
    static final long NOTICE_MILLIS_MAX = 10_000;

    private static final long POLL_MILLIS = 50;

    @Override
    public FramePort card() throws IOException {
        return hypervisor.card(name).port(paths.network());
    }

    @Override
    public Path serialSocket() {
        return paths.serial();
    }

    @Override
    public void resume() throws IOException {
        hypervisor.resume(name);
    }

    @Override
    public void suspend() throws IOException {
        hypervisor.suspend(name);
    }

    @Override
    public void limitProcessors(int percent) throws IOException {
        hypervisor.limitProcessors(name, percent);
    }

    @Override
    public void limitDisks(long bytesPerSecond) throws IOException {
        hypervisor.limitDisks(name, bytesPerSecond);
    }

    @Override
    public void powerDown() throws IOException {
        hypervisor.powerDown(name);
    }

    @Override
    public boolean isSuspended() throws IOException {
        return hypervisor.state(name).state() == NativeDomain.State.PAUSED;
    }

    @Override
    public void park() throws IOException {
        hypervisor.park(name);
    }

    @Override
    public void save(OutputStream out) throws IOException {
        hypervisor.save(name, out);
    }

    @Override
    public boolean isParked() throws IOException {
        return !isAlive() && hypervisor.isParked(name);
    }

    @Override
    public boolean isAlive() throws IOException {
        return process.isAlive();
    }

    @Override
    public VmEnd end() throws IOException {
        NativeDomain.State state = hypervisor.state(name);
        for (long waited = 0; state.isOn() && waited < NOTICE_MILLIS_MAX; waited += POLL_MILLIS) {
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(POLL_MILLIS));
            state = hypervisor.state(name);
        }
        if (state.equals(NativeDomain.State.UNKNOWN)) {
            return VmEnd.GONE;
        }
        if (state.isOn()) {
            return VmEnd.DIED;
        }
        return switch (state.reason()) {
            case NativeDomain.State.REASON_SHUTDOWN -> VmEnd.POWERED_OFF;
            case NativeDomain.State.REASON_DESTROYED -> VmEnd.STOPPED;
            default -> VmEnd.DIED;
        };
    }

    @Override
    public long cpuNanos() throws IOException {
        return hypervisor.cpuNanos(name);
    }

    @Override
    public void remove() throws IOException {
        hypervisor.purge(name);
    }
}
