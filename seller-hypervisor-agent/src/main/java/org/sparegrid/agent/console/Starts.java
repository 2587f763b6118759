// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.console;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/// Notices a guest that starts anew again and again, by the words with which its firmware begins on
/// the console. A guest that writes these words itself only ends itself.
///
/// One thread at a time.
final class Starts {
    /// What SeaBIOS says first at each start, and what UEFI's OVMF says before a system that it
    /// starts.
    private static final List<byte[]> GREETINGS =
            Stream.of("SeaBIOS (version ", "BdsDxe: starting Boot")
                    .map(words -> words.getBytes(StandardCharsets.US_ASCII))
                    .toList();

    /// New starts within [#SPAN] with which a guest is given up: more than anybody needs to set up
    /// a machine, and few enough for one that takes two minutes to start.
    static final int ANEW_MAX = 5;

    private static final Duration SPAN = Duration.ofMinutes(10);

    /// When it started the last times, at most one more than [#ANEW_MAX].
    private final Deque<Long> startedMillis = new ArrayDeque<>();

    /// How much of each greeting was just seen.
    private final int[] matched = new int[GREETINGS.size()];

    /// Looks at what the guest wrote, from the buffer's position on, and leaves that where it is.
    void wrote(ByteBuffer bytes, long nowMillis) {
        for (int i = bytes.position(); i < bytes.limit(); i++) {
            for (int k = 0; k < matched.length; k++) {
                if (ends(k, bytes.get(i))) {
                    startedMillis.addLast(nowMillis);
                    if (startedMillis.size() > ANEW_MAX + 1) {
                        startedMillis.removeFirst();
                    }
                }
            }
        }
    }

    /// Whether this byte is the last of a greeting. No greeting begins anew within itself.
    private boolean ends(int greeting, byte next) {
        byte[] words = GREETINGS.get(greeting);
        if (next != words[matched[greeting]]) {
            matched[greeting] = 0;
        }
        if (next == words[matched[greeting]]) {
            matched[greeting]++;
        }
        if (matched[greeting] == words.length) {
            matched[greeting] = 0;
            return true;
        }
        return false;
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
