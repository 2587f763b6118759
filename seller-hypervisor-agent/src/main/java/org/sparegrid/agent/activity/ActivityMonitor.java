// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.activity;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.sparegrid.agent.owner.Presence;

/// Asks all sources and believes the one that saw the last input. One thread calls.
public final class ActivityMonitor implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(ActivityMonitor.class.getName());

    private final List<ActivitySource> sources;

    /// Takes the sources over and closes them at the end.
    public ActivityMonitor(List<ActivitySource> sources) {
        this.sources = List.copyOf(sources);
    }

    /// What one source says.
    ///
    /// @param idle nothing if it can't tell
    public record Answer(String source, ActivitySource.Kind kind, Optional<Duration> idle) {}

    /// What each source says now.
    public List<Answer> answers() {
        List<Answer> answers = new ArrayList<>();
        for (ActivitySource source : sources) {
            Optional<Duration> idle = Optional.empty();
            try {
                idle = source.idle();
            } catch (IOException silent) {
                LOG.log(
                        System.Logger.Level.DEBUG,
                        () -> "activity unknown source=" + source.name() + " cause=" + silent);
            }
            answers.add(new Answer(source.name(), source.kind(), idle));
        }
        return answers;
    }

    /// What all of them say together.
    public Presence presence() {
        return combine(answers());
    }

    /// The answer that saw the last input; hints count only where no desktop answers.
    static Presence combine(List<Answer> answers) {
        boolean precise =
                answers.stream()
                        .anyMatch(a ->
                                a.kind() == ActivitySource.Kind.DESKTOP && a.idle().isPresent());
        Presence presence = Presence.UNKNOWN;
        for (Answer answer : answers) {
            boolean counts = !precise || answer.kind() != ActivitySource.Kind.HINT;
            Duration idle = answer.idle().orElse(Duration.ofDays(10_000));
            if (answer.idle().isPresent()
                    && counts
                    && (!presence.known() || idle.compareTo(presence.idle()) < 0)) {
                presence = new Presence(true, false, idle, answer.source());
            }
        }
        boolean desktop =
                answers.stream()
                        .anyMatch(a ->
                                a.kind() != ActivitySource.Kind.DEVICE && a.idle().isPresent());
        return new Presence(presence.known(), desktop, presence.idle(), presence.source());
    }

    @Override
    public void close() {
        for (ActivitySource source : sources) {
            try {
                source.close();
            } catch (IOException failed) {
                LOG.log(System.Logger.Level.DEBUG, () -> "source not closed cause=" + failed);
            }
        }
    }
}
