// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.network;

import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import org.sparegrid.agent.identity.Identity;
import org.sparegrid.protocol.json.Format;
import org.sparegrid.protocol.json.MessageFormatException;
import org.sparegrid.protocol.market.NetworkRelay;
import org.sparegrid.protocol.market.Relays;
import org.sparegrid.virtualethernet.check.NetworkReport;

/// What lies between this computer and its guests' peers.
///
/// @param network what was found
/// @param fix the one change worth making; empty if there is none
public record NetworkSurvey(NetworkReport network, String fix) {
    private static final Duration CONNECT = Duration.ofSeconds(5);
    private static final Duration ANSWER = Duration.ofSeconds(10);

    /// Asks the coordinator for its relay and surveys the way to it.
    ///
    /// @throws IOException if the coordinator can't be asked or has no relay
    public static NetworkSurvey of(Identity identity, Overlay overlay)
            throws IOException, InterruptedException {
        List<NetworkRelay> relays = relays(identity);
        if (relays.isEmpty()) {
            throw new IOException("this coordinator runs no relay to check with");
        }
        NetworkReport report = overlay.survey(relays.getFirst().endpoint());
        return new NetworkSurvey(report, report.fix());
    }

    private static List<NetworkRelay> relays(Identity identity)
            throws IOException, InterruptedException {
        try (HttpClient client =
                HttpClient.newBuilder()
                        .sslContext(identity.tls())
                        .connectTimeout(CONNECT)
                        .build()) {
            HttpResponse<byte[]> answer =
                    client.send(
                            HttpRequest.newBuilder(identity.coordinator().resolve("/v1/relays"))
                                    .timeout(ANSWER)
                                    .build(),
                            HttpResponse.BodyHandlers.ofByteArray());
            if (answer.statusCode() != 200) {
                throw new IOException("asking for relays: status " + answer.statusCode());
            }
            return Format.JSON.read(answer.body(), Relays.class).relays();
        } catch (MessageFormatException strange) {
            throw new IOException("asking for relays: " + strange.getMessage(), strange);
        }
    }
}
