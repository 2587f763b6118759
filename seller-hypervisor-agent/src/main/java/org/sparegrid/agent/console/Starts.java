// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.console;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;

/// Notices a guest that starts anew again and again, by the words with which its firmware begins on
/// the console. A guest that writes these words itself only ends itself.
///
/// One thread at a time.
final class Starts {
    /// What SeaBIOS says first at each start.
    static final String GREETING = "SeaBIOS (version ";

    /// New starts within [#SPAN] with which a guest is given up: more than anybody needs to set up
    /// a machine, and few enough for one that takes two minutes to start.
    static final int ANEW_MAX = 5;

    private static final Duration SPAN = Duration.ofMinutes(10);

    private static final byte[] WORDS = GREETING.getBytes(StandardCharsets.US_ASCII);

    /// When it started the last times, at most one more than [#ANEW_MAX].
    private final Deque<Long> startedMillis = new ArrayDeque<>();

    private int matched;

    /// Looks at what the guest wrote, from the buffer's position on, and leaves that where it is.
    void wrote(ByteBuffer bytes, long nowMillis) {
        for (int i = bytes.position(); i < bytes.limit(); i++) {
            byte each = bytes.get(i);
            if (each != WORDS[matched]) {
                matched = 0;
            }
            if (each == WORDS[matched]) {
                matched++;
            }
            if (matched == WORDS.length) {
                matched = 0;
                startedMillis.addLast(nowMillis);
                if (startedMillis.size() > ANEW_MAX + 1) {
                    startedMillis.removeFirst();
                }
            }
        }
    }

    /// What is wrong with how often it started, if anything is.
    Optional<String> tooMany() {
        return startedMillis.size() > ANEW_MAX
                        && startedMillis.getLast() - startedMillis.getFirst() <= SPAN.toMillis()
                ? Optional.of(
                        "the guest started anew "
                                + ANEW_MAX
                                + " times within "
                                + SPAN.toMinutes()
                                + " minutes")
                : Optional.empty();
    }
}
