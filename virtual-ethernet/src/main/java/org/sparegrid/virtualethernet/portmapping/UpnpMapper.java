// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet.portmapping;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.HttpURLConnection;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.sparegrid.virtualethernet.wire.WireFormatException;

/// Asks an Internet Gateway Device of UPnP, which most home routers are.
///
/// Only the default route's router is listened to, and only addresses of it are called: another
/// machine of the network cannot send us anywhere.
///
/// Source: UPnP Device Architecture 1.1, sections 1.3 and 3; WANIPConnection:1, section 2.4.
final class UpnpMapper implements PortMapper {
    private static final InetSocketAddress SSDP =
            new InetSocketAddress(InetAddress.ofLiteral("239.255.255.250"), 1900);

    private static final int TRIES = 3;
    private static final int WAIT_MILLIS = 700;
    private static final int HTTP_TIMEOUT_MILLIS = 3000;

    /// The router keeps mappings until they are deleted, or it is restarted.
    private static final String ONLY_PERMANENT = "725";

    private final Router router;
    private @Nullable Control control;

    /// Where the router takes calls.
    private record Control(URI url, String type) {}

    UpnpMapper(Router router) {
        this.router = router;
    }

    @Override
    public String name() {
        return "UPnP";
    }

    @Override
    public PortMapping map(int ownPort, int wantedPort, Duration lifetime) throws IOException {
        Map<String, String> answer = call("GetExternalIPAddress", "");
        String address = answer.getOrDefault("NewExternalIPAddress", "");
        if (!address.matches("[0-9]{1,3}([.][0-9]{1,3}){3}")) {
            throw new MappingRefusedException("UPnP: the router knows no outer address");
        }
        InetAddress outside;
        try {
            outside = InetAddress.ofLiteral(address);
        } catch (IllegalArgumentException wrong) {
            throw new MappingRefusedException("UPnP: the router's outer address is " + address);
        }
        try {
            add(ownPort, wantedPort, lifetime.toSeconds());
        } catch (Fault fault) {
            if (!fault.code.equals(ONLY_PERMANENT)) {
                throw fault;
            }
            add(ownPort, wantedPort, 0);
        }
        return new PortMapping(new InetSocketAddress(outside, wantedPort), lifetime);
    }

    @Override
    public void unmap(int ownPort, int externalPort) throws IOException {
        call("DeletePortMapping", target(externalPort));
    }

    private void add(int ownPort, int externalPort, long seconds) throws IOException {
        call(
                "AddPortMapping",
                target(externalPort)
                        + element("NewInternalPort", Integer.toString(ownPort))
                        + element("NewInternalClient", router.own().getHostAddress())
                        + element("NewEnabled", "1")
                        + element("NewPortMappingDescription", "sparegrid")
                        + element("NewLeaseDuration", Long.toString(seconds)));
    }

    private static String target(int externalPort) {
        return element("NewRemoteHost", "")
                + element("NewExternalPort", Integer.toString(externalPort))
                + element("NewProtocol", "UDP");
    }

    private static String element(String name, String text) {
        return "<" + name + ">" + text + "</" + name + ">";
    }

    /// The router's refusal of a call.
    static final class Fault extends IOException {
        private static final long serialVersionUID = 1;

        private final String code;

        Fault(String action, String code, String description) {
            super("UPnP: " + action + " fails with " + code + " " + description);
            this.code = code;
        }
    }

    private Map<String, String> call(String action, String arguments) throws IOException {
        Control known = control;
        if (known == null) {
            known = discover();
            control = known;
        }
        String body =
                "<?xml version=\"1.0\"?><s:Envelope"
                        + " xmlns:s=\"http://schemas.xmlsoap.org/soap/envelope/\""
                        + " s:encodingStyle=\"http://schemas.xmlsoap.org/soap/encoding/\"><s:Body>"
                        + "<u:"
                        + action
                        + " xmlns:u=\""
                        + known.type()
                        + "\">"
                        + arguments
                        + "</u:"
                        + action
                        + "></s:Body></s:Envelope>";
        HttpURLConnection connection = open(known.url());
        try {
            connection.setRequestMethod("POST");
            connection.setDoOutput(true);
            connection.setRequestProperty("Content-Type", "text/xml; charset=\"utf-8\"");
            connection.setRequestProperty("SOAPAction", "\"" + known.type() + "#" + action + "\"");
            try (OutputStream out = connection.getOutputStream()) {
                out.write(body.getBytes(StandardCharsets.UTF_8));
            }
            int status = connection.getResponseCode();
            InputStream answer =
                    status < 400 ? connection.getInputStream() : connection.getErrorStream();
            Map<String, String> texts =
                    answer == null ? Map.of() : GatewayDescription.texts(bounded(answer));
            if (status != HttpURLConnection.HTTP_OK) {
                throw new Fault(
                        action,
                        digits(texts.getOrDefault("errorCode", Integer.toString(status))),
                        printable(texts.getOrDefault("errorDescription", "")));
            }
            return texts;
        } catch (WireFormatException malformed) {
            throw new IOException("UPnP: " + action + ": " + malformed.getMessage(), malformed);
        } finally {
            connection.disconnect();
        }
    }

    private Control discover() throws IOException {
        URI location = search();
        HttpURLConnection connection = open(location);
        try (InputStream in = connection.getInputStream()) {
            GatewayDescription.Service service =
                    GatewayDescription.service(bounded(in))
                            .orElseThrow(
                                    () -> new IOException("UPnP: the router does not map ports"));
            return new Control(onRouter(location, service.controlUrl()), service.type());
        } catch (WireFormatException malformed) {
            throw new IOException(malformed.getMessage(), malformed);
        } finally {
            connection.disconnect();
        }
    }

    /// Where the router's description is.
    private URI search() throws IOException {
        byte[] question =
                ("M-SEARCH * HTTP/1.1\r\nHOST: 239.255.255.250:1900\r\nMAN: \"ssdp:discover\"\r\n"
                                + "MX: 1\r\nST: urn:schemas-upnp-org:device:"
                                + "InternetGatewayDevice:1\r\n\r\n")
                        .getBytes(StandardCharsets.US_ASCII);
        // Bound to the address towards the router, it leaves by that card alone.
        try (DatagramSocket socket = new DatagramSocket(new InetSocketAddress(router.own(), 0))) {
            byte[] buffer = new byte[2048];
            for (int attempt = 0; attempt < TRIES; attempt++) {
                socket.send(new DatagramPacket(question, question.length, SSDP));
                long endNanos = System.nanoTime() + WAIT_MILLIS * 1_000_000L;
                while (true) {
                    long leftMillis = (endNanos - System.nanoTime()) / 1_000_000L;
                    if (leftMillis <= 0) {
                        break;
                    }
                    socket.setSoTimeout((int) leftMillis);
                    DatagramPacket answer = new DatagramPacket(buffer, buffer.length);
                    try {
                        socket.receive(answer);
                    } catch (SocketTimeoutException nothing) {
                        break;
                    }
                    Optional<URI> location =
                            answer.getAddress().equals(router.address())
                                    ? location(
                                            new String(
                                                    buffer,
                                                    0,
                                                    answer.getLength(),
                                                    StandardCharsets.ISO_8859_1))
                                    : Optional.empty();
                    if (location.isPresent()) {
                        return onRouter(location.get(), "");
                    }
                }
            }
        }
        throw new IOException("UPnP: the router does not answer");
    }

    /// The `LOCATION` of an answer to the search.
    static Optional<URI> location(String answer) {
        if (!answer.startsWith("HTTP/1.1 200")) {
            return Optional.empty();
        }
        return answer.lines()
                .filter(line -> line.toLowerCase(Locale.ROOT).startsWith("location:"))
                .findFirst()
                .flatMap(line -> {
                    try {
                        return Optional.of(URI.create(line.substring(9).strip()));
                    } catch (IllegalArgumentException malformed) {
                        return Optional.empty();
                    }
                });
    }

    /// The address that `reference` means, if it is plain HTTP on the router.
    URI onRouter(URI base, String reference) throws IOException {
        try {
            URI url = reference.isEmpty() ? base : base.resolve(reference);
            boolean fits =
                    "http".equals(url.getScheme())
                            && url.getUserInfo() == null
                            && router.address().getHostAddress().equals(url.getHost());
            if (fits) {
                return url;
            }
        } catch (IllegalArgumentException malformed) {
            throw new IOException("UPnP: the router names a malformed address", malformed);
        }
        throw new IOException("UPnP: the router names an address that is not its own");
    }

    private static HttpURLConnection open(URI url) throws IOException {
        HttpURLConnection connection =
                (HttpURLConnection) url.toURL().openConnection(Proxy.NO_PROXY);
        connection.setInstanceFollowRedirects(false);
        connection.setConnectTimeout(HTTP_TIMEOUT_MILLIS);
        connection.setReadTimeout(HTTP_TIMEOUT_MILLIS);
        connection.setUseCaches(false);
        return connection;
    }

    private static byte[] bounded(InputStream in) throws IOException {
        return in.readNBytes(GatewayDescription.LENGTH_MAX + 1);
    }

    private static String digits(String text) {
        return text.matches("[0-9]{1,5}") ? text : "an unreadable code";
    }

    private static String printable(String text) {
        return text.replaceAll("[^ -~]", "?").substring(0, Math.min(80, text.length()));
    }
}
