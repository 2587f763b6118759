// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.config;

import java.util.List;
import org.sparegrid.agent.config.SettingsReader.Line;
import org.sparegrid.agent.config.SettingsValues.Unit;
import org.sparegrid.protocol.Credits;

/// Where the computer stands and what line it has, as its owner says.
///
/// @param country two capital letters, or empty
/// @param upKilobits what it can send a second, 0 if not known
/// @param downKilobits what it can receive a second, 0 if not known
/// @param networkFee for a gigabyte (10^9 bytes) that a guest sends or receives
/// @param pool the private pool it belongs to, or empty
/// @param routerPort whether its router is asked to open the UDP port of the guests' networks
/// @param portGuessing whether ports may be guessed where no NAT tells them
/// @param session what carries the session with the coordinator
public record Site(
        String country,
        int upKilobits,
        int downKilobits,
        Credits networkFee,
        String pool,
        boolean routerPort,
        boolean portGuessing,
        SessionChoice session) {
    /// What these settings are called, in the order of a new file.
    static final List<Line> LINES =
            List.of(
                    new Line(
                            "country",
                            "\"\"  # where it stands, as in \"FI\"; orders may ask for it"),
                    new Line("upload", "\"0 kbit/s\"  # what its line can send; 0 if not known"),
                    new Line("download", "\"0 kbit/s\"  # what its line can receive"),
                    new Line("network-fee", "\"0\"  # for a GB that a guest sends or receives"),
                    new Line("pool", "\"\"  # the pool it belongs to, as in \"campus\""),
                    new Line("router-port", "false  # ask the router to open the UDP port"),
                    new Line(
                            "port-guessing",
                            "true  # false spares the router's table; a few more go by relay"),
                    new Line("session", "\"auto\"  # or websocket, or polling"));

    private static final int KILOBITS_MAX = 100_000_000;

    static Site read(SettingsValues values) {
        return new Site(
                values.text("country", "", Site::country),
                (int) values.amount("upload", "0 kbit/s", 0, KILOBITS_MAX, Unit.RATE),
                (int) values.amount("download", "0 kbit/s", 0, KILOBITS_MAX, Unit.RATE),
                values.text("network-fee", "0", SettingsReader::price),
                values.text("pool", "", Site::pool),
                values.flag("router-port", false),
                values.flag("port-guessing", true),
                values.text("session", "auto", SessionChoice::parse));
    }

    private static String country(String text) {
        if (!text.matches("([A-Z]{2})?")) {
            throw new IllegalArgumentException("expected two capital letters, got " + text);
        }
        return text;
    }

    private static String pool(String text) {
        if (!text.matches("[a-z0-9-]{0,32}")) {
            throw new IllegalArgumentException(
                    "expected up to 32 of a-z, 0-9 and '-', got " + text);
        }
        return text;
    }
}
