// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.hypervisor.libvirt;

import java.io.IOException;
import org.libvirt.Domain;
import org.libvirt.LibvirtException;

/// Has a suspended guest's QEMU send its state, as to another computer, and stay as it is.
///
/// Source: QEMU's QAPI, commands `migrate` and `query-migrate`.
final class LiveState {
    private static final long POLL_MILLIS = 20;
    private static final long SETTLE_MILLIS_MAX = 10_000;

    /// libvirt's flag for an XML that fits into a saved image. Source: virDomainXMLFlags.
    private static final int MIGRATABLE = 8;

    /// As much as there is: the guest stands still. Bytes a second.
    private static final long BANDWIDTH_MAX = 4_000_000_000L;

    private LiveState() {}

    /// The guest's definition with all that libvirt chose.
    static String definition(Domain domain) throws LibvirtException {
        return domain.getXMLDesc(MIGRATABLE);
    }

    /// Begins to send to the socket at `path`.
    static void begin(Domain domain, String path) throws LibvirtException, IOException {
        command(
                domain,
                "{\"execute\":\"migrate-set-parameters\",\"arguments\":{\"max-bandwidth\":"
                        + BANDWIDTH_MAX
                        + "}}");
        command(
                domain,
                "{\"execute\":\"migrate\",\"arguments\":{\"uri\":\"unix:" + quoted(path) + "\"}}");
    }

    /// Gives up what was begun; the guest stays as it is.
    static void cancel(Domain domain) throws LibvirtException, IOException {
        command(domain, "{\"execute\":\"migrate_cancel\"}");
    }

    private static String quoted(String text) {
        return text.replace("\\", "\\\\").replace("\"", "\\\"");
    }

    /// Waits until QEMU says that all was sent.
    static void awaitSent(Domain domain) throws LibvirtException, IOException {
        for (long waited = 0; waited < SETTLE_MILLIS_MAX; waited += POLL_MILLIS) {
            String answer = command(domain, "{\"execute\":\"query-migrate\"}");
            if (answer.contains("\"status\":\"completed\"")) {
                return;
            }
            if (answer.contains("\"status\":\"failed\"")) {
                throw new IOException("QEMU could not send its state: " + answer);
            }
            try {
                Thread.sleep(POLL_MILLIS);
            } catch (InterruptedException stop) {
                Thread.currentThread().interrupt();
                throw new IOException("interrupted while a guest was saved", stop);
            }
        }
        throw new IOException("QEMU does not say that it sent its state");
    }

    private static String command(Domain domain, String json) throws LibvirtException, IOException {
        String answer = domain.qemuMonitorCommand(json, 0);
        if (answer.contains("\"error\"")) {
            throw new IOException("QEMU refuses: " + answer.strip());
        }
        return answer;
    }
}
