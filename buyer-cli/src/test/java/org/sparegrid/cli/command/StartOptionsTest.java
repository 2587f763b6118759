// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.cli.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.sparegrid.protocol.market.LeaseProgress;
import org.sparegrid.protocol.market.LeaseState;
import org.sparegrid.protocol.market.Order;
import org.sparegrid.protocol.market.OrderSpec;
import org.sparegrid.protocol.market.OrderState;
import org.sparegrid.protocol.market.Placement;
import picocli.CommandLine;

class StartOptionsTest {
    /// Half past eight in the evening there.
    private static final Clock CLOCK =
            Clock.fixed(Instant.parse("2026-11-22T19:30:00Z"), ZoneId.of("Europe/Stockholm"));

    @ParameterizedTest
    @CsvSource({
        "'', PT0S, PT0S",
        "--wait 30m, PT0S, PT30M",
        "--start-before 22:00, PT0S, PT1H30M",
        "--start-before 20:30, PT0S, PT24H",
        "--start-after 22:00 --wait 10m, PT1H30M, PT10M",
        "--start-after 22:00 --start-before 02:00, PT1H30M, PT4H",
        "--start-after 6h --start-before 1d, PT6H, PT18H",
        "--start-after 2026-11-23T08:00 --start-before 2026-11-23T08:00:00Z, PT11H30M, PT1H",
    })
    void readsTimesOfThisComputersClock(String words, String after, String wait) throws Failure {
        assertThat(window(words))
                .isEqualTo(new StartOptions.Window(Duration.parse(after), Duration.parse(wait)));
    }

    @ParameterizedTest
    @CsvSource({
        "--start-after 22:00, --start-after needs --start-before",
        "--start-after 2026-11-22T20:30 --wait 1h, --start-after is over already",
        "--start-before 2026-11-22T20:00, --start-before is over already",
        "--start-after 6h --start-before 5h, --start-before is not after --start-after",
        "--wait 1h --start-before 22:00, give either --wait or --start-before",
    })
    void refusesWhatIsNoWindow(String words, String why) {
        assertThatThrownBy(() -> window(words))
                .isInstanceOf(Failure.class)
                .hasMessageContaining(why);
    }

    @Test
    void waitsTenMinutesForOthersInPlaceOfReservedMachines() throws Failure {
        StartOptions options = new StartOptions();
        new CommandLine(options).parseArgs("--start-after", "22:00");
        assertThat(options.window(CLOCK, true))
                .isEqualTo(new StartOptions.Window(Duration.ofMinutes(90), Duration.ofMinutes(10)));
        new CommandLine(options).parseArgs("--start-after", "22:00", "--wait", "1h");
        assertThat(options.window(CLOCK, true).waiting()).isEqualTo(Duration.ofHours(1));
    }

    @ParameterizedTest
    @CsvSource({"25:00", "tomorrow", "2026-11-22", "2026-13-01T00:00"})
    void saysHowATimeIsWritten(String when) {
        assertThatThrownBy(() -> window("--start-before " + when))
                .isInstanceOf(CommandLine.ParameterException.class)
                .hasMessageContaining("expected a time such as 22:00, 2026-12-24T18:00 or 6h");
    }

    @ParameterizedTest
    @CsvSource({
        "0, 'it waits for machines until 2026-11-21 11:10:00'",
        "3600, 'it starts from 2026-11-21 12:00:00 on, as soon as there are machines; until"
                + " 2026-11-21 12:10:00'",
    })
    void saysWhenAnOrderStarts(long after, String said) {
        Order any =
                Samples.order(
                        OrderState.OPEN,
                        Samples.lease("node1", LeaseState.RUNNING, LeaseProgress.NONE));
        OrderSpec spec = any.spec();
        Order waiting =
                new Order(
                        any.id(),
                        any.version(),
                        new OrderSpec(
                                spec.name(),
                                spec.image(),
                                spec.machines(),
                                spec.size(),
                                spec.pricePerHourMax(),
                                spec.secondsMax(),
                                spec.emulationAllowed(),
                                spec.authorizedKeys(),
                                new Placement(0, 0, 0, false, false, false, after, 600, 0),
                                spec.where(),
                                spec.checkpoints(),
                                spec.volume(),
                                0),
                        any.network(),
                        any.state(),
                        any.reason(),
                        any.created(),
                        any.escrow(),
                        any.charged(),
                        List.of(),
                        List.of());
        assertThat(Words.window(waiting, CLOCK.getZone())).isEqualTo(said);
    }

    private static StartOptions.Window window(String words) throws Failure {
        StartOptions options = new StartOptions();
        new CommandLine(options).parseArgs(words.isEmpty() ? new String[0] : words.split(" "));
        return options.window(CLOCK, false);
    }
}
