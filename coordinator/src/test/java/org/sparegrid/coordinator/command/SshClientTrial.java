// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.security.KeyPair;
import java.time.Duration;
import java.util.EnumSet;
import java.util.function.Predicate;
import org.apache.sshd.client.SshClient;
import org.apache.sshd.client.channel.ClientChannel;
import org.apache.sshd.client.channel.ClientChannelEvent;
import org.apache.sshd.client.config.hosts.HostConfigEntryResolver;
import org.apache.sshd.client.session.ClientSession;
import org.apache.sshd.common.config.keys.KeyUtils;
import org.apache.sshd.common.config.keys.PublicKeyEntry;
import org.apache.sshd.common.keyprovider.KeyIdentityProvider;
import org.sparegrid.protocol.api.SshKey;

/// An SSH client with one key.
final class SshClientTrial implements AutoCloseable {
    private final SshClient client = SshClient.setUpDefaultClient();
    private final KeyPair key;
    private volatile String hostKey = "";

    SshClientTrial(String type, int bits) throws Exception {
        key = KeyUtils.generateKeyPair(type, bits);
        client.setKeyIdentityProvider(KeyIdentityProvider.EMPTY_KEYS_PROVIDER);
        client.setHostConfigEntryResolver(HostConfigEntryResolver.EMPTY);
        client.setServerKeyVerifier((_, _, shown) -> {
            hostKey = KeyUtils.getFingerPrint(shown);
            return true;
        });
        client.start();
    }

    /// What is in the file `id.pub`.
    SshKey.Request line(String name) {
        return new SshKey.Request(PublicKeyEntry.toString(key.getPublic()) + " " + name);
    }

    String fingerprint() {
        return KeyUtils.getFingerPrint(key.getPublic());
    }

    /// The fingerprint of the server's key, as it was last seen.
    String hostKey() {
        return hostKey;
    }

    /// Logs in.
    ///
    /// @throws IOException if that was refused
    ClientSession logIn(String user, int port) throws IOException {
        ClientSession session =
                client.connect(user, "127.0.0.1", port).verify(Trial.PATIENCE).getSession();
        try {
            session.addPublicKeyIdentity(key);
            session.auth().verify(Trial.PATIENCE);
            return session;
        } catch (IOException refused) {
            session.close(true);
            throw refused;
        }
    }

    /// A channel and what came by it.
    static final class Talk implements AutoCloseable {
        private final ClientChannel channel;
        private final ByteArrayOutputStream out = new ByteArrayOutputStream();
        private final ByteArrayOutputStream err = new ByteArrayOutputStream();

        Talk(ClientChannel channel) throws IOException {
            this.channel = channel;
            channel.setOut(out);
            channel.setErr(err);
            channel.open().verify(Trial.PATIENCE);
        }

        void type(String keys) throws IOException {
            OutputStream in = channel.getInvertedIn();
            in.write(keys.getBytes(StandardCharsets.UTF_8));
            in.flush();
        }

        String out() {
            return out.toString(StandardCharsets.UTF_8);
        }

        String err() {
            return err.toString(StandardCharsets.UTF_8);
        }

        void awaitOut(Predicate<String> until) throws Exception {
            Trial.await(this::out, until);
        }

        /// Waits until the other side has ended it.
        int status() {
            Duration patience = Trial.PATIENCE;
            assertThat(channel.waitFor(EnumSet.of(ClientChannelEvent.CLOSED), patience))
                    .as(() -> "closed; out: " + out() + " err: " + err())
                    .contains(ClientChannelEvent.CLOSED);
            Integer status = channel.getExitStatus();
            return status == null ? -1 : status;
        }

        @Override
        public void close() throws IOException {
            channel.close(true);
        }
    }

    @Override
    public void close() throws IOException {
        client.stop();
    }
}
