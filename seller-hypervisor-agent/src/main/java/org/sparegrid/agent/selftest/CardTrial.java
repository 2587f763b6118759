// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.selftest;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import org.sparegrid.agent.config.GuestCardChoice;
import org.sparegrid.agent.hypervisor.GuestCard;
import org.sparegrid.agent.hypervisor.Hypervisor;
import org.sparegrid.agent.process.AtomicFile;
import org.sparegrid.protocol.json.Format;
import org.sparegrid.protocol.json.MessageFormatException;
import org.sparegrid.protocol.market.Acceleration;

/// Tests the computer with the network card that guests will have, and so finds out which: by
/// vhost-user only where the test's guest, whose driver starts its card, worked with it.
///
/// Source: docs/decisions/0023-cards-by-vhost-user.md.
public final class CardTrial {
    private static final System.Logger LOG = System.getLogger(CardTrial.class.getName());

    /// How long a failure keeps from trying again: a busy minute may have caused it.
    private static final Duration BELIEVED_MAX = Duration.ofDays(1);

    private static final int FAULT_MAX = 400;

    private final GuestCardChoice choice;
    private final Path file;
    private final InstantSource clock;

    /// A test with one kind of card.
    interface Trial {
        SelfTest.Outcome with(GuestCard card) throws IOException;
    }

    /// A failure, under the circumstances in which it holds.
    private record Known(String here, String fault, long atSeconds) {}

    /// Keeps a failure in a file of the folder `data`.
    public CardTrial(GuestCardChoice choice, Path data, InstantSource clock) {
        this.choice = choice;
        this.file = data.resolve("card.json");
        this.clock = clock;
    }

    /// Tests the computer; takes some seconds, twice as long where a card by vhost-user fails.
    ///
    /// @param name of the test's guest; what has it is removed first
    /// @param disks where guests' disks are
    /// @throws IOException if no guest can be made
    public SelfTest.Outcome run(
            Hypervisor hypervisor, String name, Acceleration acceleration, Path disks)
            throws IOException {
        return run(
                hypervisor.description() + ", " + acceleration,
                card -> SelfTest.run(hypervisor, name, acceleration, card, disks, clock));
    }

    /// Tests with the card that the seller chose, or with the best that works `here`.
    SelfTest.Outcome run(String here, Trial trial) throws IOException {
        return switch (choice) {
            case STREAM -> trial.with(GuestCard.STREAM).noting("the seller chose it");
            case VHOST_USER -> trial.with(GuestCard.VHOST_USER).noting("the seller chose it");
            case AUTO -> best(here, trial);
        };
    }

    private SelfTest.Outcome best(String here, Trial trial) throws IOException {
        Optional<String> before = known(here);
        if (before.isPresent()) {
            return trial.with(GuestCard.STREAM).noting(because(before.get()));
        }
        String fault;
        try {
            SelfTest.Outcome shared = trial.with(GuestCard.VHOST_USER);
            if (shared.passes()) {
                return shared.noting("the test's frames passed");
            }
            fault = String.join("; ", shared.faults());
        } catch (IOException failed) {
            fault = String.valueOf(failed.getMessage());
        }
        String cut = fault.substring(0, Math.min(FAULT_MAX, fault.length()));
        SelfTest.Outcome streamed = trial.with(GuestCard.STREAM).noting(because(cut));
        if (streamed.passes()) {
            LOG.log(
                    System.Logger.Level.WARNING,
                    () -> "guests get streams as cards cause=vhost-user failed: " + cut);
            long atSeconds = clock.instant().getEpochSecond();
            AtomicFile.write(file, Format.JSON.write(new Known(here, cut, atSeconds)));
        }
        return streamed;
    }

    private static String because(String fault) {
        return "a card by vhost-user, which costs less, failed here: " + fault;
    }

    /// What failed here a short while ago.
    private Optional<String> known(String here) throws IOException {
        if (!Files.exists(file)) {
            return Optional.empty();
        }
        try {
            Known known = Format.JSON.read(Files.readAllBytes(file), Known.class);
            Duration age =
                    Duration.between(Instant.ofEpochSecond(known.atSeconds), clock.instant());
            boolean holds = known.here.equals(here) && age.compareTo(BELIEVED_MAX) < 0;
            return holds ? Optional.of(known.fault) : Optional.empty();
        } catch (MessageFormatException old) {
            Files.delete(file);
            return Optional.empty();
        }
    }
}
