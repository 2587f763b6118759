// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.ssh;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import org.apache.sshd.client.future.DefaultOpenFuture;
import org.apache.sshd.client.future.OpenFuture;
import org.apache.sshd.common.SshConstants;
import org.apache.sshd.common.channel.ChannelOutputStream;
import org.apache.sshd.common.util.buffer.Buffer;
import org.apache.sshd.server.channel.AbstractServerChannel;
import org.sparegrid.coordinator.operation.GuestStream;
import org.sparegrid.coordinator.operation.RefusedException;
import org.sparegrid.coordinator.ssh.Machines.Machine;

/// Carries bytes between a client and port 22 of a machine, a virtual thread for each direction,
/// until one of them leaves or the key is removed. The bytes are those of another SSH session, of
/// which nothing can be read here.
final class JumpChannel extends AbstractServerChannel {
    private static final System.Logger LOGGER = System.getLogger(JumpChannel.class.getName());

    /// The one port that is reached.
    private static final int SSH_PORT = 22;

    /// How soon a key that was removed is noticed.
    private static final Duration LOOK = Duration.ofSeconds(5);

    private static final byte[] END = new byte[0];

    private final JumpChannels all;

    /// What the client sent; no more than the channel's window.
    private final BlockingQueue<byte[]> typed = new LinkedBlockingQueue<>();

    private final Pace pace = new Pace();

    JumpChannel(JumpChannels all) {
        super(null);
        this.all = all;
    }

    /// Source: RFC 4254, section 7.2.
    @Override
    protected OpenFuture doInit(Buffer request) {
        String host = request.getString();
        int port = request.getInt();
        OpenFuture opened = new DefaultOpenFuture(this, this);
        if (port == SSH_PORT) {
            Thread work = Thread.ofVirtual().name("ssh jump").unstarted(() -> run(host, opened));
            addCloseFutureListener(_ -> work.interrupt());
            work.start();
        } else {
            all.refusals().note(getSession(), "direct-tcpip " + host + ":" + port);
            refuse("machines are reached at port 22 only, not at " + port);
        }
        return opened;
    }

    private void run(String host, OpenFuture opened) {
        try {
            Machine machine = all.machines().find(all.door().accounts(getSession()), host);
            all.seats().take(machine.account());
            try (GuestStream stream =
                    all.operations().streams().open(machine.account(), machine.lease().id())) {
                carry(machine, stream, opened);
            } finally {
                all.seats().giveBack(machine.account());
            }
        } catch (RefusedException no) {
            all.refusals().note(getSession(), "direct-tcpip " + host + ": " + no.getMessage());
            refuse(String.valueOf(no.getMessage()));
        } catch (InterruptedException left) {
            close(true);
        } catch (RuntimeException failure) {
            LOGGER.log(System.Logger.Level.WARNING, () -> "ssh jump failed cause=" + failure);
            if (opened.isDone()) {
                close(true);
            } else {
                refuse("the coordinator failed; try again");
            }
        } finally {
            close(false);
        }
    }

    /// Answers by itself, as the library would not tell the client why.
    ///
    /// Source: RFC 4254, section 5.1.
    private void refuse(String why) {
        byte[] text = Door.plain(why, 300).getBytes(StandardCharsets.US_ASCII);
        Buffer answer =
                getSession()
                        .createBuffer(SshConstants.SSH_MSG_CHANNEL_OPEN_FAILURE, text.length + 64);
        answer.putUInt(getRecipient());
        answer.putUInt(SshConstants.SSH_OPEN_CONNECT_FAILED);
        answer.putBytes(text);
        answer.putString("");
        try {
            writePacket(answer);
        } catch (IOException gone) {
            // The client left before it was answered.
        }
        close(true);
    }

    private void carry(Machine machine, GuestStream stream, OpenFuture opened)
            throws InterruptedException {
        String lease = machine.lease().id().value();
        all.door().note(getSession(), machine.account(), "jump-opened", lease);
        signalChannelOpenSuccess();
        opened.setOpened();
        Thread in = Thread.ofVirtual().name("ssh jump to " + lease).start(() -> send(stream));
        Thread out = Thread.ofVirtual().name("ssh jump from " + lease).start(() -> show(stream));
        try {
            while (in.isAlive() || out.isAlive()) {
                if (!all.door().isOpen(getSession(), machine.account())) {
                    return;
                }
                out.join(LOOK);
                if (!out.isAlive()) {
                    in.join(LOOK);
                }
            }
        } finally {
            in.interrupt();
            out.interrupt();
            all.door().note(getSession(), machine.account(), "jump-closed", lease);
        }
    }

    /// From the machine to the client.
    private void show(GuestStream stream) {
        try (OutputStream out =
                new ChannelOutputStream(
                        this,
                        getRemoteWindow(),
                        log,
                        SshConstants.SSH_MSG_CHANNEL_DATA,
                        /* eofOnClose= */ true)) {
            for (byte[] bytes = stream.read(); bytes.length > 0; bytes = stream.read()) {
                out.write(bytes);
                out.flush();
                pace.take(bytes.length);
            }
        } catch (IOException gone) {
            close(false);
        } catch (InterruptedException over) {
            Thread.currentThread().interrupt();
        }
    }

    /// From the client to the machine.
    private void send(GuestStream stream) {
        try {
            for (byte[] bytes = typed.take(); bytes.length > 0; bytes = typed.take()) {
                stream.write(bytes);
                getLocalWindow().release(bytes.length);
                pace.take(bytes.length);
            }
            stream.finish();
        } catch (IOException gone) {
            close(false);
        } catch (InterruptedException over) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    protected void doWriteData(byte[] data, int offset, long length) {
        if (length > 0) {
            typed.add(Arrays.copyOfRange(data, offset, Math.toIntExact(offset + length)));
        }
    }

    @Override
    protected void doWriteExtendedData(byte[] data, int offset, long length) {
        // There is none in this direction.
    }

    @Override
    public void handleEof() throws IOException {
        super.handleEof();
        typed.add(END);
    }
}
