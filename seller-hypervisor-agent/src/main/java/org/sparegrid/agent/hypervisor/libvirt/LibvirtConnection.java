// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.hypervisor.libvirt;

import java.io.IOException;
import org.jspecify.annotations.Nullable;
import org.libvirt.Connect;
import org.libvirt.LibvirtException;
import org.libvirt.jna.Libvirt;

/// The one connection to our libvirtd, made again whenever it broke. One thread at a time.
final class LibvirtConnection {
    /// Kept, because native code calls it: libvirt prints errors unless somebody takes them.
    private static final Libvirt.VirErrorCallback SILENCE = (data, error) -> {};

    /// What is done with the connection.
    interface Call<T> {
        T apply(NativeDomain.Connection connection) throws LibvirtException, IOException;
    }

    private final LibvirtDaemon daemon;
    private final Layout layout;
    private NativeDomain.@Nullable Connection connection;

    LibvirtConnection(LibvirtDaemon daemon, Layout layout) {
        this.daemon = daemon;
        this.layout = layout;
    }

    /// Does `call`; once more, over a new connection, if the old one broke.
    <T> T call(String what, Call<T> call) throws IOException {
        try {
            return call.apply(open());
        } catch (LibvirtException failed) {
            if (isAlive()) {
                throw failure(what, failed);
            }
        }
        close();
        try {
            return call.apply(open());
        } catch (LibvirtException failed) {
            throw failure(what, failed);
        }
    }

    void close() {
        NativeDomain.Connection open = connection;
        connection = null;
        if (open != null) {
            try {
                open.close();
            } catch (LibvirtException broken) {
                System.getLogger(LibvirtConnection.class.getName())
                        .log(
                                System.Logger.Level.DEBUG,
                                () -> "libvirt connection was broken cause=" + message(broken));
            }
        }
    }

    /// The connection, made if there is none. The daemon may be killed between its start and our
    /// first word to it; it is started anew then.
    private NativeDomain.Connection open() throws IOException {
        for (int tries = 1; ; tries++) {
            if (daemon.ensureRunning()) {
                close();
            }
            NativeDomain.Connection open = connection;
            if (open != null) {
                return open;
            }
            try {
                Connect.setErrorCallback(SILENCE);
                open = new NativeDomain.Connection("qemu:///session?socket=" + layout.socket());
                connection = open;
                return open;
            } catch (LibvirtException failed) {
                if (tries == LibvirtDaemon.STARTS_MAX || daemon.process().isPresent()) {
                    throw failure("connecting to libvirtd", failed);
                }
            }
        }
    }

    private boolean isAlive() {
        NativeDomain.Connection open = connection;
        try {
            return open != null && open.isAlive();
        } catch (LibvirtException broken) {
            return false;
        }
    }

    private static IOException failure(String what, LibvirtException failed) {
        return new IOException(what + ": libvirt: " + message(failed), failed);
    }

    static String message(LibvirtException failed) {
        return String.valueOf(failed.getMessage()).strip().replace('\n', ' ');
    }
}
