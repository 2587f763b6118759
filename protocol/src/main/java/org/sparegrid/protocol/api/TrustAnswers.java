// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.protocol.api;

import java.util.List;
import org.sparegrid.protocol.control.TrustAnswer;

/// What the agent of a machine said about its trust, oldest first.
public record TrustAnswers(List<Numbered> answers) {
    public TrustAnswers {
        answers = List.copyOf(answers);
    }

    /// One answer.
    ///
    /// @param number rises from 1 within a lease
    public record Numbered(long number, TrustAnswer answer) {}
}
