// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.sparegrid.protocol.Credits;
import org.sparegrid.protocol.market.MachineSize;

class SettingsFileTest {
    @TempDir private Path folder = Path.of("/nonexistent");

    @Test
    void hasADefaultForEverything() throws Exception {
        Settings settings = SettingsFile.load(folder.resolve("none.toml"));

        assertThat(settings.pricePerHour()).isEqualTo(Credits.parse("0.05"));
        assertThat(settings.size()).isEqualTo(new MachineSize(1, 1024, 0));
        assertThat(settings.udpPort()).isEqualTo(41_777);
        assertThat(settings.sellEmulated()).isFalse();
    }

    @Test
    void readsItsOwnTemplate() throws Exception {
        Path file = folder.resolve("c/agent.toml");
        SettingsFile.create(file);

        assertThat(SettingsFile.load(file))
                .isEqualTo(SettingsFile.load(folder.resolve("none.toml")));
        assertThat(Files.getPosixFilePermissions(file))
                .isEqualTo(PosixFilePermissions.fromString("rw-------"));
    }

    @Test
    void readsEverySetting() throws Exception {
        Settings settings =
                SettingsFile.parse(
                        """
                        name = "Küche 2"
                        price-per-hour = 0.25
                        slots = 3
                        cpus = 2
                        memory = "768 MiB"
                        disk = "4 GiB"
                        udp-port = 0
                        accel = "tcg"
                        sell-emulated = true
                        endpoints = ["192.0.2.7:41777", "[2001:db8::1]:5"]
                        image-cache = "2 GiB"
                        meter-interval = "1 min"
                        country = "FI"
                        upload = "20 Mbit/s"
                        download = "900 kbit/s"
                        network-fee = 0.02
                        pool = "campus-2"
                        session = "polling"
                        """,
                        "a.toml");

        assertThat(settings.name()).isEqualTo("Küche 2");
        assertThat(settings.pricePerHour()).isEqualTo(Credits.parse("0.25"));
        assertThat(settings.size()).isEqualTo(new MachineSize(2, 768, 4096));
        assertThat(settings.acceleration()).isEqualTo(AccelerationChoice.TCG);
        assertThat(settings.endpoints()).containsExactly("192.0.2.7:41777", "[2001:db8::1]:5");
        assertThat(settings.imageCacheBytes()).isEqualTo(2L << 30);
        assertThat(settings.meterInterval()).isEqualTo(Duration.ofMinutes(1));
        assertThat(settings.site())
                .isEqualTo(
                        new Site(
                                "FI",
                                20_000,
                                900,
                                Credits.parse("0.02"),
                                "campus-2",
                                false,
                                true,
                                SessionChoice.POLLING));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "slot = 1 | slot: there is no such setting; did you mean slots?",
                "memori = '1 GiB' | did you mean memory?",
                "slots = 0 | slots: expected a number from 1 to 100, got 0",
                "slots = 'two' | slots: expected a number",
                "memory = '1 GB' | memory: expected a number and MiB or GiB, got 1 GB",
                "memory = '64 MiB' | memory: expected 128 to 4194304 MiB",
                "price-per-hour = '-1' | price-per-hour: expected 0 to 1000",
                "price-per-hour = 'free' | price-per-hour: amount",
                "accel = 'xen' | accel: expected auto, kvm or tcg, got xen",
                "sell-emulated = 'yes' | sell-emulated: expected true or false",
                "endpoints = ['here'] | endpoints: expected \"ADDRESS:PORT\", got here",
                "name = 'a/b' | name: expected 1 to 40 letters",
                "meter-interval = '0 s' | meter-interval: expected 1 to 60 s",
                "session = 'tcp' | session: expected auto, websocket or polling, got tcp",
                "country = 'fi' | country: expected two capital letters, got fi",
                "pool = 'A' | pool: expected up to 32 of a-z, 0-9 and '-', got A",
                "upload = '20 MB' | upload: expected a number and kbit/s or Mbit/s, got 20 MB",
                "slots | it is not TOML",
            })
    void refusesAndSaysWhy(String toml, String why) {
        assertThatThrownBy(() -> SettingsFile.parse(toml, "a.toml"))
                .isInstanceOf(SettingsException.class)
                .hasMessageStartingWith("a.toml has faults")
                .hasMessageContaining(why);
    }

    @Test
    void takesATextForAListOfOne() throws Exception {
        assertThat(SettingsFile.parse("hours = \"tue 1:00-2:00\"", "a.toml"))
                .isEqualTo(SettingsFile.parse("hours = [\"tue 1:00-2:00\"]", "a.toml"))
                .isNotEqualTo(SettingsFile.parse("", "a.toml"));
    }

    @Test
    void reportsAllFaultsAtOnce() {
        assertThatThrownBy(() -> SettingsFile.parse("slots = 0\ncpus = 0\nfoo = 1", "a.toml"))
                .message()
                .contains("slots:", "cpus:", "foo:");
    }

    @Test
    void changesOneSettingAndKeepsTheRest() throws Exception {
        Path file = folder.resolve("agent.toml");
        Files.writeString(file, "# mine\nslots = 1\n");

        SettingsFile.change(file, Map.of("slots", "2"));

        assertThat(file).hasContent("# mine\nslots = 2");
        assertThatThrownBy(() -> SettingsFile.change(file, Map.of("slots", "0")))
                .isInstanceOf(SettingsException.class);
        assertThat(file).hasContent("# mine\nslots = 2");
    }

    @Test
    void keepsSocketsShort() {
        Folders near = Folders.of("/home/a/s", Map.of());
        assertThat(near.runtime()).isEqualTo(Path.of("/home/a/s/r"));

        Folders far = Folders.of("/home/" + "a".repeat(60), Map.of());
        assertThat(far.runtime().toString()).startsWith("/tmp/sg-").hasSizeLessThan(40);
        assertThat(far.runtime())
                .isEqualTo(Folders.of("/home/" + "a".repeat(60), Map.of()).runtime());
    }
}
