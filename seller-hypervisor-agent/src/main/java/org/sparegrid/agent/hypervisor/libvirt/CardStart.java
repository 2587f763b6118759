// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.hypervisor.libvirt;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.sparegrid.agent.hypervisor.GuestCard;
import org.sparegrid.agent.process.ProcessId;
import org.sparegrid.virtualethernet.port.VhostUserPort;

/// Answers a guest's card while its QEMU starts: with a card by vhost-user QEMU answers nobody
/// before, and libvirt waits for QEMU without an end.
///
/// Whoever takes the card later dials it anew. That is needed, too: a guest that was saved while
/// nobody was there comes back with its link down, and QEMU takes it up only for a new connection.
///
/// Source: docs/decisions/0023-cards-by-vhost-user.md.
final class CardStart {
    private static final System.Logger LOG = System.getLogger(CardStart.class.getName());

    /// How long a QEMU may run and not be reached; a busy computer needs a second or two.
    private static final long REACHED_MILLIS_MAX = 60_000;

    private static final long POLL_MILLIS = 100;

    /// The part of a processor that answering QEMU may take; what a guest sends is dropped here.
    private static final double START_SHARE = 0.1;

    private final Emulator emulator;
    private final VhostUserPort port;
    private final long reachedMillisMax;
    private volatile @Nullable String fault;
    private volatile boolean over;

    /// The guest's QEMU.
    interface Emulator {
        /// Its process, as soon as there is one.
        ProcessId process() throws IOException;
    }

    private CardStart(Emulator emulator, VhostUserPort port, long reachedMillisMax) {
        this.emulator = emulator;
        this.port = port;
        this.reachedMillisMax = reachedMillisMax;
    }

    /// Does `start`, which starts a QEMU whose card is at `socket`, and ends that QEMU if its card
    /// can't be answered.
    static void during(GuestCard card, Path socket, Emulator emulator, StateStream.Step start)
            throws IOException {
        during(card, socket, emulator, start, REACHED_MILLIS_MAX);
    }

    static void during(
            GuestCard card,
            Path socket,
            Emulator emulator,
            StateStream.Step start,
            long reachedMillisMax)
            throws IOException {
        if (card == GuestCard.STREAM) {
            start.run();
            return;
        }
        try (VhostUserPort port = new VhostUserPort(socket)) {
            port.limitProcessors(START_SHARE);
            port.open();
            new CardStart(emulator, port, reachedMillisMax).run(start);
        }
    }

    private void run(StateStream.Step start) throws IOException {
        Thread watch = Thread.ofVirtual().name("card-start").start(this::watch);
        try {
            start.run();
        } catch (IOException failed) {
            String known = fault;
            if (known != null) {
                throw new IOException(failed.getMessage() + "; " + known, failed);
            }
            throw failed;
        } finally {
            over = true;
            watch.interrupt();
            end(watch);
        }
    }

    private static void end(Thread watch) throws IOException {
        try {
            watch.join();
        } catch (InterruptedException stop) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted while a guest was started");
        }
    }

    private void watch() {
        long aloneMillis = 0;
        boolean reached = false;
        try {
            while (!over && !reached && fault == null) {
                Thread.sleep(POLL_MILLIS);
                ProcessId process = emulator.process();
                reached = port.isConnected();
                aloneMillis = process.isAlive() && !reached ? aloneMillis + POLL_MILLIS : 0;
                look(process, aloneMillis);
            }
            while (!over && fault == null) {
                Thread.sleep(POLL_MILLIS);
                look(emulator.process(), 0);
            }
        } catch (InterruptedException started) {
            Thread.currentThread().interrupt();
        } catch (IOException unreadable) {
            // An interrupt closes what is being read.
            if (!over) {
                LOG.log(
                        System.Logger.Level.WARNING,
                        () -> "guest's start is not watched cause=" + unreadable);
            }
        }
    }

    private void look(ProcessId process, long aloneMillis) throws IOException {
        Optional<String> lost = port.lost();
        if (lost.isPresent()) {
            fault = "its card was lost: " + lost.get();
        } else if (aloneMillis > reachedMillisMax) {
            fault = "its card was not there after " + reachedMillisMax / 1000 + " s";
        }
        if (fault != null) {
            process.kill();
        }
    }
}
