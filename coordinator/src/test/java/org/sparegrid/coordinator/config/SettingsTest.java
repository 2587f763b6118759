// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.sparegrid.protocol.Credits;
import org.sparegrid.protocol.settings.SettingsException;

class SettingsTest {
    @Test
    void readsTheBonusForOpenPorts() throws SettingsException {
        String address = "public-addresses = [\"grid.example\"]\n";
        Settings none = Settings.parse(address, "f");
        assertThat(none.openPortBonus()).isEqualTo(Credits.ZERO);
        assertThat(none.openPortShareBasisPoints()).isEqualTo(5000);
        Settings some =
                Settings.parse(
                        address + "open-port-bonus = \"0.015\"\nopen-port-share = \"12.5 %\"", "f");
        assertThat(some.openPortBonus()).isEqualTo(Credits.parse("0.015"));
        assertThat(some.openPortShareBasisPoints()).isEqualTo(1250);
        for (String bad : List.of("-0.1", "1.01")) {
            assertThatThrownBy(() ->
                            Settings.parse(address + "open-port-bonus = \"" + bad + "\"", "f"))
                    .hasMessageContaining(
                            "open-port-bonus: expected credits for a GB, 0 to 1, got '"
                                    + bad
                                    + "'");
        }
        assertThatThrownBy(() -> Settings.parse(address + "open-port-share = \"100 %\"", "f"))
                .hasMessageContaining("open-port-share: expected a percentage below 100");
    }

    @Test
    void readsItsOwnTemplate() throws Exception {
        Settings settings =
                Settings.parse(
                        Settings.template("127.0.0.1", List.of("192.0.2.1", "grid.example"), 7443),
                        "f");
        assertThat(settings.publicAddresses()).containsExactly("192.0.2.1", "grid.example");
        assertThat(settings.commissionBasisPoints()).isEqualTo(1000);
        assertThat(settings.bootTimeout()).isEqualTo(Duration.ofMinutes(15));
        assertThat(settings.addressRequests()).isEqualTo(500);
        assertThat(settings.accountRequests()).isEqualTo(200);
        assertThat(settings.relayPort()).isEqualTo(settings.port());
        assertThat(settings.relayBytesPerSecond()).isEqualTo(12_500_000);
    }

    @Test
    void canDoWithoutARelay() throws Exception {
        String without = "public-addresses = [\"192.0.2.1\"]\nrelay-bandwidth = \"off\"";
        assertThat(Settings.parse(without, "f").relayBytesPerSecond()).isZero();
    }

    @Test
    void readsHowLongTheRecordOfTheMarketMayBe() throws Exception {
        String address = "public-addresses = [\"192.0.2.1\"]\n";
        assertThat(Settings.parse(address, "f").marketRecordBytes()).isEqualTo(1L << 30);
        assertThat(Settings.parse(address + "market-record = \"off\"", "f").marketRecordBytes())
                .isZero();
        assertThat(Settings.parse(address + "market-record = \"8MiB\"", "f").marketRecordBytes())
                .isEqualTo(8L << 20);
    }

    @Test
    void readsHowLongTheNoticeIs() throws Exception {
        String address = "public-addresses = [\"192.0.2.1\"]\n";
        assertThat(Settings.parse(address, "f").interruptionNotice())
                .isEqualTo(Duration.ofMinutes(2));
        assertThat(
                        Settings.parse(address + "interruption-notice = \"0 s\"", "f")
                                .interruptionNotice())
                .isZero();
        assertThatThrownBy(() -> Settings.parse(address + "interruption-notice = \"2 h\"", "f"))
                .hasMessageContaining("interruption-notice: expected a time from 0 s to 3600 s");
    }

    @Test
    void readsWhoGetsARoyalty() throws Exception {
        String address = "public-addresses = [\"192.0.2.1\"]\n";
        assertThat(Settings.parse(address, "f").royaltyBasisPoints()).isZero();
        Settings town =
                Settings.parse(
                        address + "royalty = \"2.5 %\"\nroyalty-account = \"Town@grid.example\"",
                        "f");
        assertThat(town.royaltyBasisPoints()).isEqualTo(250);
        assertThat(town.royaltyAccount()).isEqualTo("town@grid.example");
        assertThatThrownBy(() -> Settings.parse(address + "royalty = \"5 %\"", "f"))
                .hasMessageContaining("royalty-account: name the account that gets the royalty");
        assertThatThrownBy(() -> Settings.parse(address + "royalty-account = \"town\"", "f"))
                .hasMessageContaining("royalty-account: expected an account's address such as");
    }

    @Test
    void tellsAllFaultsAtOnce() {
        assertThatThrownBy(() ->
                        Settings.parse(
                                """
                                prot = 1
                                port = 70000
                                commission = "a lot"
                                settle-interval = "1 year"
                                public-addresses = ["no spaces please"]
                                relay-bandwidth = "much"
                                account-requests = "0/s"
                                market-record = "7 MiB"
                                """,
                                "the file"))
                .isInstanceOf(SettingsException.class)
                .hasMessageStartingWith("the file has faults:")
                .hasMessageContaining("prot: there is no such setting; did you mean port?")
                .hasMessageContaining("port: expected a number from 0 to 65535, got 70000")
                .hasMessageContaining("commission: expected a percentage")
                .hasMessageContaining("settle-interval: expected a time from 1 s to 3600 s")
                .hasMessageContaining("relay-bandwidth: expected a rate")
                .hasMessageContaining("market-record: expected 8 MiB to 9999 GiB")
                .hasMessageContaining("account-requests: expected a number of requests such as")
                .hasMessageContaining("public-addresses: expected a host name");
    }

    @Test
    void needsAnAddress() {
        assertThatThrownBy(() -> Settings.parse("", "f")).hasMessageContaining("public-addresses");
    }
}
