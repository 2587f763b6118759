// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.command;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.SSLSocket;
import org.sparegrid.coordinator.config.Settings;
import org.sparegrid.protocol.tls.PinnedAuthority;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/// Asks the coordinator that serves how it is.
@Command(
        name = "health",
        description =
                "Ask the coordinator that serves here whether it is ready: that its database takes"
                        + " changes, the balances sum to 0 and the disk has room.",
        footer = {"", "Exit code 1: it is not ready, or none serves."})
final class HealthCommand implements Callable<Integer> {
    private static final int PATIENCE_MILLIS = 10_000;
    private static final int ANSWER_MAX_BYTES = 64 << 10;
    private static final Pattern ANSWER =
            Pattern.compile("HTTP/1[.]1 ([0-9]{3}) .*\\r\\n\\r\\n(.*)", Pattern.DOTALL);

    @Mixin CoordinatorCommand.Home home = new CoordinatorCommand.Home();
    @Spec CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() throws Exception {
        Settings settings = home.settings();
        Answer answer = ask(settings, home.folder());
        spec.commandLine().getOut().println(answer.text);
        return answer.isReady() ? 0 : 1;
    }

    /// What it answered.
    record Answer(String status, String text) {
        boolean isReady() {
            return "200".equals(status);
        }
    }

    /// Asks the coordinator of that folder.
    ///
    /// @throws IOException if none answers, or another one does
    static Answer ask(Settings settings, Path folder) throws IOException {
        if (settings.port() == 0) {
            throw new IOException("the setting port is 0, so that nobody knows where it serves");
        }
        InetSocketAddress address = address(settings);
        String answer = ask(address, FingerprintCommand.fingerprint(folder));
        Matcher parts = ANSWER.matcher(answer);
        if (!parts.matches()) {
            throw new IOException(
                    address + ": expected an answer by HTTP, got " + answer.length() + " bytes");
        }
        return new Answer(parts.group(1), parts.group(2).strip());
    }

    private static InetSocketAddress address(Settings settings) throws IOException {
        InetAddress listen = InetAddress.getByName(settings.listenAddress());
        return new InetSocketAddress(
                listen.isAnyLocalAddress() ? InetAddress.getLoopbackAddress() : listen,
                settings.port());
    }

    /// One request on a connection of its own. Its certificate must be the pinned authority's; it
    /// need not name the address, as this is one of our computer.
    private static String ask(InetSocketAddress address, String fingerprint) throws IOException {
        try (Socket plain = new Socket()) {
            plain.connect(address, PATIENCE_MILLIS);
            plain.setSoTimeout(PATIENCE_MILLIS);
            try (SSLSocket socket =
                    (SSLSocket)
                            new PinnedAuthority(fingerprint)
                                    .clientContext()
                                    .getSocketFactory()
                                    .createSocket(
                                            plain,
                                            address.getHostString(),
                                            address.getPort(),
                                            true)) {
                String request =
                        String.join(
                                "\r\n",
                                "GET /health/ready HTTP/1.1",
                                "Host: " + address.getHostString() + ":" + address.getPort(),
                                "Connection: close",
                                "",
                                "");
                socket.getOutputStream().write(request.getBytes(UTF_8));
                return new String(socket.getInputStream().readNBytes(ANSWER_MAX_BYTES), UTF_8);
            }
        } catch (ConnectException refused) {
            throw new IOException("no coordinator serves at " + address, refused);
        }
    }
}
