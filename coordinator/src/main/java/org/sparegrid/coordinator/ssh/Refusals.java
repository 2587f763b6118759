// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.ssh;

import java.util.concurrent.atomic.AtomicInteger;
import org.apache.sshd.client.future.DefaultOpenFuture;
import org.apache.sshd.client.future.OpenFuture;
import org.apache.sshd.common.AttributeRepository.AttributeKey;
import org.apache.sshd.common.SshConstants;
import org.apache.sshd.common.channel.Channel;
import org.apache.sshd.common.channel.ChannelFactory;
import org.apache.sshd.common.channel.RequestHandler;
import org.apache.sshd.common.channel.exception.SshChannelOpenException;
import org.apache.sshd.common.session.ConnectionService;
import org.apache.sshd.common.session.Session;
import org.apache.sshd.common.util.buffer.Buffer;
import org.apache.sshd.server.forward.TcpForwardingFilter;
import org.apache.sshd.server.forward.TcpipServerChannel;

/// What clients ask for and don't get: all but consoles and jumps. Each refusal is noted.
final class Refusals {
    /// What is told to those who want to run something. The library tells those who ask for a
    /// forward no more than that it is prohibited.
    static final String CONSOLES_ONLY =
            "this gateway opens consoles only; ssh -J reaches the machine's port 22";

    /// A client that asks for more than this many other things is cut off.
    private static final int REFUSALS_MAX = 10;

    private static final AttributeKey<AtomicInteger> COUNT = new AttributeKey<>();

    private final Door door;

    Refusals(Door door) {
        this.door = door;
    }

    /// Notes that something was not allowed.
    void note(Session session, String what) {
        int count =
                session.computeAttributeIfAbsent(COUNT, _ -> new AtomicInteger()).incrementAndGet();
        if (count <= REFUSALS_MAX) {
            door.refused(session, what);
        } else {
            session.close(false);
        }
    }

    /// Refuses channels of that type.
    ChannelFactory channels(String type) {
        return new ChannelFactory() {
            @Override
            public String getName() {
                return type;
            }

            @Override
            public Channel createChannel(Session session) {
                return new Closed(type);
            }
        };
    }

    /// Refuses what is asked of the whole connection, as to listen somewhere.
    RequestHandler<ConnectionService> global() {
        return (service, request, wantReply, rest) -> {
            note(service.getSession(), request);
            return RequestHandler.Result.ReplyFailure;
        };
    }

    private final class Closed extends TcpipServerChannel {
        private final String type;

        Closed(String type) {
            super(TcpForwardingFilter.Type.Direct, null);
            this.type = type;
        }

        @Override
        protected OpenFuture doInit(Buffer buffer) {
            note(getSession(), type);
            OpenFuture refused = new DefaultOpenFuture(this, this);
            refused.setException(
                    new SshChannelOpenException(
                            getChannelId(),
                            SshConstants.SSH_OPEN_ADMINISTRATIVELY_PROHIBITED,
                            CONSOLES_ONLY));
            return refused;
        }
    }
}
