// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.benchmark;

import java.util.List;
import java.util.Optional;

/// What one benchmark of this computer found.
///
/// @param at when, as ISO 8601 says it
/// @param figures what was measured
/// @param missing what was not, and why
public record Figures(String at, List<Figure> figures, List<String> missing) {
    /// One core, in thousandths of the reference core.
    public static final String ONE_CORE = "one core";

    /// All of them together, in the same unit.
    public static final String ALL_CORES = "all cores";

    /// What this computer's line receives from the coordinator, in kbit/s.
    public static final String RECEIVE = "receive";

    /// What it sends there, in kbit/s.
    public static final String SEND = "send";

    /// Copies the lists.
    public Figures {
        figures = List.copyOf(figures);
        missing = List.copyOf(missing);
    }

    /// The figure of that name, if it was measured.
    public Optional<Figure> figure(String name) {
        return figures.stream().filter(figure -> figure.name().equals(name)).findFirst();
    }
}
