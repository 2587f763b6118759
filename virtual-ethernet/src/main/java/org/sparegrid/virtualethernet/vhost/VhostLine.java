// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet.vhost;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.sparegrid.virtualethernet.linux.GuestFaultException;
import org.sparegrid.virtualethernet.linux.PassedFile;
import org.sparegrid.virtualethernet.linux.VhostSocket;

/// Reads a front-end's messages from its socket, one after the other, as they arrive in pieces, and
/// has them done.
public final class VhostLine implements AutoCloseable {
    private final VhostSocket socket;
    private final VhostDevice device;
    private final byte[] head = new byte[VhostMessage.HEADER_LENGTH];
    private final byte[] payload = new byte[VhostMessage.PAYLOAD_MAX];
    private final List<PassedFile> files = new ArrayList<>();
    private VhostMessage.@Nullable Header header;
    private int have;

    /// Both are the caller's.
    public VhostLine(VhostSocket socket, VhostDevice device) {
        this.socket = socket;
        this.device = device;
    }

    /// Reads what there is now, at most to the end of one message.
    ///
    /// @return false at the end of the connection
    /// @throws GuestFaultException if a message is not as it must be
    public boolean read() throws IOException, GuestFaultException {
        VhostMessage.Header known = header;
        if (known == null) {
            if (!fill(head, head.length)) {
                return false;
            }
            if (have < head.length) {
                return true;
            }
            known = VhostMessage.Header.parse(head);
            header = known;
            have = 0;
        }
        if (have < known.size() && !fill(payload, known.size())) {
            return false;
        }
        if (have == known.size()) {
            finish(known);
        }
        return true;
    }

    private boolean fill(byte[] into, int size) throws IOException, GuestFaultException {
        int count = socket.receive(into, have, size - have, files);
        if (files.size() > VhostSocket.FILES_MAX) {
            throw new GuestFaultException("vhost-user: expected at most 8 files, got more");
        }
        have += Math.max(0, count);
        return count >= 0;
    }

    private void finish(VhostMessage.Header known) throws IOException, GuestFaultException {
        header = null;
        have = 0;
        List<PassedFile> passed = List.copyOf(files);
        files.clear();
        VhostMessage message;
        try {
            message = VhostMessage.parse(known, payload);
        } catch (GuestFaultException refused) {
            passed.forEach(PassedFile::close);
            throw refused;
        }
        Optional<byte[]> answer = device.handle(known, message, passed);
        if (answer.isPresent()) {
            socket.send(answer.get());
        }
    }

    /// Closes files whose message did not come to its end.
    @Override
    public void close() {
        files.forEach(PassedFile::close);
        files.clear();
    }
}
