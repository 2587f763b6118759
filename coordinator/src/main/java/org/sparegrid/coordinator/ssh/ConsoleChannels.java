// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.ssh;

import java.io.IOException;
import org.apache.sshd.common.channel.Channel;
import org.apache.sshd.common.channel.RequestHandler;
import org.apache.sshd.common.session.Session;
import org.apache.sshd.common.util.buffer.Buffer;
import org.apache.sshd.server.channel.ChannelSession;
import org.apache.sshd.server.channel.ChannelSessionFactory;

/// Makes the channels on which clients ask for a shell, and gives them that only.
final class ConsoleChannels extends ChannelSessionFactory {
    private final Refusals refusals;

    ConsoleChannels(Refusals refusals) {
        this.refusals = refusals;
    }

    @Override
    public Channel createChannel(Session session) {
        return new ConsoleChannel();
    }

    private final class ConsoleChannel extends ChannelSession {
        private boolean started;

        @Override
        protected RequestHandler.Result handleInternalRequest(
                String request, boolean wantReply, Buffer buffer) throws IOException {
            return switch (request) {
                case "pty-req", "window-change" ->
                        super.handleInternalRequest(request, wantReply, buffer);
                case "shell", "exec" -> {
                    boolean first = !started;
                    started = true;
                    yield first
                            ? super.handleInternalRequest(request, wantReply, buffer)
                            : RequestHandler.Result.ReplyFailure;
                }
                // A serial console has none of these, and clients send them unasked.
                case "env", "signal", "break" -> RequestHandler.Result.ReplyFailure;
                default -> {
                    refusals.note(getSession(), request);
                    yield RequestHandler.Result.ReplyFailure;
                }
            };
        }
    }
}
