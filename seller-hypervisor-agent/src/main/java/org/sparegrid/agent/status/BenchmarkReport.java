// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.status;

import java.util.List;
import org.sparegrid.agent.benchmark.Figure;

/// What the newest benchmark found, and when there will be another.
///
/// @param measured when, as ISO 8601 says it, or empty if there was none yet
/// @param figures what was measured
/// @param missing what was not, and why
/// @param next when it is measured again, or what it waits for
public record BenchmarkReport(
        String measured, List<Figure> figures, List<String> missing, String next) {
    /// Copies the lists.
    public BenchmarkReport {
        figures = List.copyOf(figures);
        missing = List.copyOf(missing);
    }
}
