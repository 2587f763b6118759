// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.trade;

import org.jspecify.annotations.Nullable;

/// Keeps payments going beside the market's clock, as providers may be slow to answer.
final class Payments implements AutoCloseable {
    private static final System.Logger LOGGER = System.getLogger(Payments.class.getName());

    private final Wallets wallets;
    private @Nullable Thread round;
    private boolean closed;

    Payments(Wallets wallets) {
        this.wallets = wallets;
    }

    Wallets wallets() {
        return wallets;
    }

    void recover() {
        wallets.recover();
    }

    /// Begins a round, unless one is under way.
    synchronized void tick() {
        if (!closed && (round == null || !round.isAlive())) {
            round = Thread.ofVirtual().name("payments").start(this::look);
        }
    }

    /// Asks about everything that is due, after the round that is under way.
    synchronized void reconcile() {
        join(round);
        wallets.reconcile();
    }

    private void look() {
        try {
            wallets.reconcile();
        } catch (RuntimeException failure) {
            if (!Thread.currentThread().isInterrupted()) {
                LOGGER.log(
                        System.Logger.Level.ERROR, () -> "the round of payments failed", failure);
            }
        }
    }

    /// Ends the round that is under way; what it was told and not booked is asked again next time.
    @Override
    public void close() {
        Thread last = end();
        if (last != null) {
            last.interrupt();
        }
        join(last);
    }

    private static void join(@Nullable Thread last) {
        try {
            if (last != null) {
                last.join();
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private synchronized @Nullable Thread end() {
        closed = true;
        return round;
    }
}
