// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.page;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.InputStream;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.sparegrid.agent.status.OwnerCommand;
import org.sparegrid.agent.status.OwnerReport;
import org.sparegrid.agent.status.Reports;

class OwnerPageTest {
    private final List<OwnerCommand> heard = new CopyOnWriteArrayList<>();
    private OwnerPage page = null;

    @BeforeEach
    void open() throws Exception {
        page =
                OwnerPage.open(
                        0,
                        command -> {
                            heard.add(command);
                            return Reports.ANY;
                        });
    }

    @AfterEach
    void close() {
        page.close();
    }

    private URI address() {
        return URI.create(page.address());
    }

    /// Sends exactly this, which no HTTP client would.
    private String ask(String method, String path, String host, String more, String body)
            throws Exception {
        try (Socket socket = new Socket("127.0.0.1", address().getPort())) {
            String request =
                    "%s %s HTTP/1.1\r\nHost: %s\r\nConnection: close\r\nContent-Length: %d\r\n%s\r\n%s"
                            .formatted(method, path, host, body.length(), more, body);
            socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
            try (InputStream in = socket.getInputStream()) {
                return new String(in.readAllBytes(), StandardCharsets.UTF_8);
            }
        }
    }

    private String post(String more, String body) throws Exception {
        return ask("POST", address().getPath(), address().getAuthority(), more, body);
    }

    @Test
    void showsTheReportToWhoKnowsItsAddress() throws Exception {
        String answer = ask("GET", address().getPath(), address().getAuthority(), "", "");

        assertThat(answer).startsWith("HTTP/1.1 200").contains("Guests may run", "node1 of net");
        assertThat(answer).contains("Content-security-policy: default-src 'none'");
        assertThat(answer).contains("<td>1.5000</td><td>0.2500</td><td>1.2500</td>");
    }

    @Test
    void saysNothingToAnybodyElse() throws Exception {
        for (String path : List.of("/", "/0123456789abcdef0123456789abcdef/", "/../")) {
            assertThat(ask("GET", path, address().getAuthority(), "", ""))
                    .startsWith("HTTP/1.1 404");
        }
        // A foreign name that was made to point here.
        assertThat(ask("GET", address().getPath(), "evil.example", "", ""))
                .startsWith("HTTP/1.1 404");
        assertThat(heard).isEmpty();
    }

    @Test
    void obeysItsOwnButtonsOnly() throws Exception {
        assertThat(post("", "do=pause+3600")).startsWith("HTTP/1.1 303");
        assertThat(post("Origin: http://" + address().getAuthority() + "\r\n", "do=resume"))
                .startsWith("HTTP/1.1 303");
        assertThat(heard).containsExactly(new OwnerCommand.Pause(3600), new OwnerCommand.Resume());
        heard.clear();
        assertThat(post("Origin: https://evil.example\r\n", "do=pause+3600"))
                .startsWith("HTTP/1.1 403");
        assertThat(post("Origin: null\r\n", "do=pause+3600")).startsWith("HTTP/1.1 403");
        assertThat(post("", "do=format")).startsWith("HTTP/1.1 400");
        assertThat(heard).isEmpty();
    }

    @Test
    void escapesWhatOthersWrote() {
        String html =
                PageText.html(
                        Reports.with(
                                new OwnerReport(
                                        "auto",
                                        "frozen",
                                        0,
                                        "exclusive",
                                        "<script>alert(1)</script> runs",
                                        "end \"it\"",
                                        List.of("a & b"),
                                        true,
                                        3,
                                        "x",
                                        0)));

        assertThat(html).doesNotContain("<script>").contains("&lt;script&gt;", "a &amp; b");
        assertThat(html).contains("Guests are frozen");
    }
}
