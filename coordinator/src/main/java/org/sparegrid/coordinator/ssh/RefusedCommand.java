// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.ssh;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import org.apache.sshd.server.Environment;
import org.apache.sshd.server.ExitCallback;
import org.apache.sshd.server.channel.ChannelSession;
import org.apache.sshd.server.command.Command;

/// Tells who wants to run a command that none is run here.
final class RefusedCommand implements Command {
    private final Refusals refusals;
    private final String command;
    private OutputStream err = OutputStream.nullOutputStream();
    private ExitCallback callback = (_, _, _) -> {};

    RefusedCommand(Refusals refusals, String command) {
        this.refusals = refusals;
        this.command = command;
    }

    @Override
    public void setInputStream(InputStream stream) {
        // Nothing is read.
    }

    @Override
    public void setOutputStream(OutputStream stream) {
        // Nothing is written.
    }

    @Override
    public void setErrorStream(OutputStream stream) {
        err = stream;
    }

    @Override
    public void setExitCallback(ExitCallback exit) {
        callback = exit;
    }

    @Override
    public void start(ChannelSession channel, Environment environment) throws IOException {
        refusals.note(channel.getSession(), "command " + command);
        err.write(
                ("sparegrid: no commands are run here; " + Refusals.CONSOLES_ONLY + "\r\n")
                        .getBytes(StandardCharsets.UTF_8));
        err.flush();
        callback.onExit(1, false);
    }

    @Override
    public void destroy(ChannelSession channel) {
        // Nothing runs.
    }
}
