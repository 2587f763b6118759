// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.activity;

import java.io.IOException;
import java.time.Duration;
import java.util.Optional;

/// One way to learn when somebody last used the computer. One thread calls.
public interface ActivitySource extends AutoCloseable {
    /// What it looks at, for people.
    String name();

    /// How much its answer is worth.
    default Kind kind() {
        return Kind.DEVICE;
    }

    /// How long since the last input, or nothing if it can't tell now.
    ///
    /// @throws IOException if it could be asked and failed
    Optional<Duration> idle() throws IOException;

    @Override
    void close() throws IOException;

    /// How much an answer is worth.
    enum Kind {
        /// A screen with its keyboard and mouse, to the millisecond.
        DESKTOP,
        /// Terminals or devices, which may be used by people far away.
        DEVICE,
        /// An opinion that says no more than idle or not, and may never be formed.
        HINT
    }
}
