// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.hypervisor.libvirt;

import com.sun.jna.Native;
import com.sun.jna.Pointer;
import com.sun.jna.ptr.IntByReference;
import java.io.IOException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.libvirt.Connect;
import org.libvirt.LibvirtException;

/// The calls of libvirt that its Java binding lacks.
final class NativeDomain {
    static {
        Native.register(NativeDomain.class, "virt");
    }

    /// What changes the running domain. Source: virDomainModificationImpact in libvirt-domain.h.
    private static final int LIVE = 1;

    /// How long a guest may take to start, or its state to be read from a slow disk.
    private static final long STARTED_MILLIS_MAX = 600_000;

    private static final long POLL_MILLIS = 50;

    private NativeDomain() {}

    /// A connection whose native pointer can be had.
    static final class Connection extends Connect {
        Connection(String uri) throws LibvirtException {
            super(uri);
        }

        private Pointer pointer() {
            return vcp.getPointer();
        }
    }

    /// State and reason of a domain. Source: virDomainGetState in libvirt-domain.h.
    record State(int state, int reason) {
        static final State UNKNOWN = new State(-1, -1);
        static final int PAUSED = 3;
        static final int SHUT_OFF = 5;
        static final int REASON_STARTING = 11;
        static final int REASON_SHUTDOWN = 1;
        static final int REASON_DESTROYED = 2;

        /// Whether libvirt believes that it has a QEMU; reasons say how it ended only if not.
        boolean isOn() {
            return !equals(UNKNOWN) && state != SHUT_OFF;
        }

        /// Whether its QEMU does not have the guest's state yet.
        boolean isStarting() {
            return state == PAUSED && reason == REASON_STARTING;
        }
    }

    static State state(Connection connection, String name) {
        Pointer domain = virDomainLookupByName(connection.pointer(), name);
        if (domain == null) {
            return State.UNKNOWN;
        }
        try {
            IntByReference state = new IntByReference();
            IntByReference reason = new IntByReference();
            return virDomainGetState(domain, state, reason, 0) < 0
                    ? State.UNKNOWN
                    : new State(state.getValue(), reason.getValue());
        } finally {
            virDomainFree(domain);
        }
    }

    /// Waits until a domain has been started whose start somebody has begun who died.
    static void awaitStarted(Connection connection, String name) throws IOException {
        for (long waited = 0; state(connection, name).isStarting(); waited += POLL_MILLIS) {
            if (waited >= STARTED_MILLIS_MAX) {
                throw new IOException("guest " + name + " does not finish its start");
            }
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(POLL_MILLIS));
        }
    }

    /// Sets a block device's limits of a running domain.
    ///
    /// @param parameters as many `virTypedParameter` as `count`
    static boolean blockLimits(
            Connection connection, String name, String disk, Pointer parameters, int count) {
        Pointer domain = virDomainLookupByName(connection.pointer(), name);
        if (domain == null) {
            return false;
        }
        try {
            return virDomainSetBlockIoTune(domain, disk, parameters, count, LIVE) == 0;
        } finally {
            virDomainFree(domain);
        }
    }

    private static native @org.jspecify.annotations.Nullable Pointer virDomainLookupByName(
            Pointer connection, String name);

    private static native int virDomainFree(Pointer domain);

    private static native int virDomainGetState(
            Pointer domain, IntByReference state, IntByReference reason, int flags);

    private static native int virDomainSetBlockIoTune(
            Pointer domain, String disk, Pointer parameters, int count, int flags);
}
