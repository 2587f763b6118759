// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.benchmarks.overlay;

import java.security.SecureRandom;
import org.sparegrid.virtualethernet.crypto.InitiatorHandshake;
import org.sparegrid.virtualethernet.crypto.ResponderHandshake;
import org.sparegrid.virtualethernet.network.KeyPair;
import org.sparegrid.virtualethernet.network.PresharedKey;

/// Counts the whole handshakes, initiator and responder, that one thread does in a second of its
/// CPU time.
public final class Handshakes {
    private static final int WARM_UP = 500;

    private Handshakes() {}

    /// Argument: for how many seconds.
    public static void main(String[] arguments) {
        long seconds = Long.parseLong(arguments[0]);
        KeyPair initiator = KeyPair.generate();
        KeyPair responder = KeyPair.generate();
        SecureRandom random = new SecureRandom();
        for (int i = 0; i < WARM_UP; i++) {
            shake(initiator, responder, random);
        }
        var threads = java.lang.management.ManagementFactory.getThreadMXBean();
        long begin = threads.getCurrentThreadCpuTime();
        long done = 0;
        long used = 0;
        while (used < seconds * 1_000_000_000L) {
            shake(initiator, responder, random);
            done++;
            used = threads.getCurrentThreadCpuTime() - begin;
        }
        System.out.println(done * 1e9 / used);
    }

    private static void shake(KeyPair initiator, KeyPair responder, SecureRandom random) {
        InitiatorHandshake begun =
                InitiatorHandshake.begin(
                                initiator,
                                responder.publicKey(),
                                PresharedKey.NONE,
                                1,
                                new byte[12],
                                random)
                        .orElseThrow();
        ResponderHandshake.Answer answer =
                ResponderHandshake.open(responder, begun.message())
                        .flatMap(opened -> opened.respond(PresharedKey.NONE, 2, random))
                        .orElseThrow();
        boolean agreed =
                begun.finish(answer.message())
                        .map(keys -> keys.send().equals(answer.keys().receive()))
                        .orElse(false);
        if (!agreed) {
            throw new IllegalStateException("both sides must have the same keys");
        }
    }
}
