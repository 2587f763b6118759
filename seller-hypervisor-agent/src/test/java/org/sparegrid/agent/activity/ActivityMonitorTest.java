// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.activity;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.sparegrid.agent.activity.ActivitySource.Kind;
import org.sparegrid.agent.owner.Presence;

class ActivityMonitorTest {
    /// A source that says what it is told to.
    private record FakeSource(String name, Kind kind, long seconds) implements ActivitySource {
        @Override
        public Optional<Duration> idle() throws IOException {
            if (seconds == -2) {
                throw new IOException("broken");
            }
            return seconds < 0 ? Optional.empty() : Optional.of(Duration.ofSeconds(seconds));
        }

        @Override
        public void close() {}
    }

    private static Presence presence(FakeSource... sources) {
        try (ActivityMonitor monitor = new ActivityMonitor(List.of(sources))) {
            return monitor.presence();
        }
    }

    @Test
    void believesTheSourceThatSawTheLastInput() {
        Presence seen =
                presence(
                        new FakeSource("x", Kind.DESKTOP, 50),
                        new FakeSource("tty", Kind.DEVICE, 7),
                        new FakeSource("gone", Kind.DEVICE, -1));

        assertThat(seen).isEqualTo(new Presence(true, true, Duration.ofSeconds(7), "tty"));
    }

    @Test
    void takesAHintOnlyWhereNoDesktopAnswers() {
        FakeSource hint = new FakeSource("logind", Kind.HINT, 0);

        assertThat(presence(hint, new FakeSource("x", Kind.DESKTOP, 50)).idle())
                .isEqualTo(Duration.ofSeconds(50));
        assertThat(presence(hint, new FakeSource("tty", Kind.DEVICE, 50)).source())
                .isEqualTo("logind");
    }

    @Test
    void terminalsAloneAreNoDesktop() {
        assertThat(presence(new FakeSource("tty", Kind.DEVICE, 1)).desktop()).isFalse();
    }

    @Test
    void aBrokenSourceDoesNotSilenceTheOthers() {
        assertThat(
                        presence(
                                        new FakeSource("x", Kind.DESKTOP, -2),
                                        new FakeSource("tty", Kind.DEVICE, 3))
                                .source())
                .isEqualTo("tty");
        assertThat(presence(new FakeSource("x", Kind.DESKTOP, -2))).isEqualTo(Presence.UNKNOWN);
    }
}
