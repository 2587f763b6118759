// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.config;

import java.net.InetAddress;
import java.util.List;
import org.sparegrid.agent.config.SettingsReader.Line;
import org.sparegrid.agent.config.SettingsValues.Unit;

/// Whether and how this computer exchanges the chunks of images with neighbours.
///
/// @param wanted whether it does
/// @param address where it listens, or empty for all its private addresses
/// @param port where it listens, 0 for any
/// @param bitsPerSecond what it sends to all neighbours together, 0 for no limit of its own
public record SharingSettings(boolean wanted, String address, int port, long bitsPerSecond) {
    /// What these settings are called, in the order of a new file.
    static final List<Line> LINES =
            List.of(
                    new Line(
                            "share-images",
                            "\"off\"  # \"lan\": exchange images with sellers on this network"),
                    new Line("share-address", "\"\"  # listens there only, as in \"192.168.1.7\""),
                    new Line("share-port", "41778  # of that, over TCP; 0 for any"),
                    new Line(
                            "share-bandwidth",
                            "\"50 Mbit/s\"  # sent to all neighbours together; 0 for no limit"));

    private static final int KILOBITS_MAX = 100_000_000;

    static SharingSettings read(SettingsValues values) {
        return new SharingSettings(
                values.text("share-images", "off", SharingSettings::choice).equals("lan"),
                values.text("share-address", "", SharingSettings::address),
                values.number("share-port", 41_778, 0, 65_535),
                values.amount("share-bandwidth", "50 Mbit/s", 0, KILOBITS_MAX, Unit.RATE) * 1000);
    }

    private static String choice(String text) {
        if (!text.equals("off") && !text.equals("lan")) {
            throw new IllegalArgumentException("expected off or lan, got " + text);
        }
        return text;
    }

    private static String address(String text) {
        if (text.isEmpty()) {
            return text;
        }
        InetAddress literal;
        try {
            literal = InetAddress.ofLiteral(text);
        } catch (IllegalArgumentException none) {
            throw new IllegalArgumentException(
                    "expected an address of this computer such as 192.168.1.7, got " + text);
        }
        if (literal.isAnyLocalAddress() || literal.isMulticastAddress()) {
            throw new IllegalArgumentException("expected one address, got " + text);
        }
        return literal.getHostAddress();
    }
}
