// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.diagnosis;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.sparegrid.testsupport.Property;

class RedactionTest {
    private static final Map<String, String> WORDS =
            Map.of("/home/ann", "~", "ann", "<user>", "tower", "<host>", "io", "<short>");

    private final Redaction redaction = new Redaction(WORDS);

    @ParameterizedTest
    @CsvSource({
        "page http://127.0.0.1:40123/bq7WzT0x/ open, page <page-1> open",
        "mail ann.b@example.org now, mail <mail-1> now",
        "at 192.168.1.20:41777, at <address-1>:41777",
        "at [2001:db8::12]:41777, at [<address-1>]:41777",
        "at 2001:db8:0:1:2:3:4:5, at <address-1>",
        "port 02:42:ac:11:00:02 up, port <mac-1> up",
        "/home/ann/.local/share of ann on tower, ~/.local/share of <user> on <host>",
        "sha256 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08, sha256 <id-1>",
        "name = \"tower\", name = \"<host>\"",
    })
    void takesOutWhatTellsWhoTheOwnerIs(String text, String clean) {
        assertThat(redaction.apply(text)).isEqualTo(clean);
    }

    @ParameterizedTest
    @CsvSource({
        "2026-11-21T14:55:50.123Z INFO  guests may run cpuPercent=100",
        "lease changed lease=vm-qnef55lpa7vb stage=ON_NETWORK",
        "banner and io and towers",
        "listens on 127.0.0.1 and 0.0.0.0",
        "org.sparegrid.agent.hypervisor.libvirt.LibvirtConnection::open",
        "took 12:34:56",
        "/usr/lib/jvm/java-25-openjdk-amd64/bin/java",
        "in-use-cpu = 100  # percent of the guests' processors",
    })
    void leavesWhatHelpsToMend(String text) {
        assertThat(redaction.apply(text)).isEqualTo(text);
    }

    @Test
    void marksTheSameThingAlikeInAllTexts() {
        assertThat(redaction.apply("10.1.2.3 asks 10.1.2.4"))
                .isEqualTo("<address-1> asks <address-2>");
        assertThat(redaction.apply("10.1.2.4 answers")).isEqualTo("<address-2> answers");
    }

    @Test
    void findsEveryAddressAndKeyWhereverItStands() {
        Property.holds(
                500,
                random -> {
                    String address =
                            "%d.%d.%d.%d"
                                    .formatted(
                                            1 + random.nextInt(126),
                                            random.nextInt(256),
                                            random.nextInt(256),
                                            random.nextInt(256));
                    byte[] key = new byte[20 + random.nextInt(40)];
                    random.nextBytes(key);
                    String secret = java.util.HexFormat.of().formatHex(key) + "a1";
                    String[] before = {"", " ", "=", "\"", "(", ": ", "/"};
                    String[] after = {"", " ", "\n", "\"", ")", ",", ":80", "/24"};
                    String text =
                            before[random.nextInt(before.length)]
                                    + address
                                    + after[random.nextInt(after.length)]
                                    + before[random.nextInt(before.length)]
                                    + " "
                                    + secret
                                    + after[random.nextInt(after.length)];
                    assertThat(redaction.apply(text)).doesNotContain(address, secret);
                });
    }
}
