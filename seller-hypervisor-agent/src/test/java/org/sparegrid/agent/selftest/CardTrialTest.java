// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.selftest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.sparegrid.agent.config.GuestCardChoice;
import org.sparegrid.agent.hypervisor.Confinement;
import org.sparegrid.agent.hypervisor.GuestCard;

class CardTrialTest {
    private static final Confinement CONFINED =
            new Confinement(List.of(new Confinement.Finding(true, "it has no network")));

    @TempDir private Path data;
    private Instant now = Instant.parse("2026-11-22T12:00:00Z");
    private final List<GuestCard> tried = new ArrayList<>();

    /// What is wrong with a card; nothing with one that isn't named.
    private Map<GuestCard, String> faults = Map.of();

    private SelfTest.Outcome run(GuestCardChoice choice, String here) throws IOException {
        return new CardTrial(choice, data, () -> now).run(here, this::test);
    }

    private SelfTest.Outcome test(GuestCard card) throws IOException {
        tried.add(card);
        String fault = faults.getOrDefault(card, "");
        if (fault.startsWith("thrown")) {
            throw new IOException(fault);
        }
        return new SelfTest.Outcome(
                CONFINED, List.of(new SelfTest.Check("network", fault.isEmpty(), fault)), card);
    }

    private static String words(SelfTest.Outcome outcome) {
        return outcome.checks().getLast().line();
    }

    @Test
    void takesVhostUserWhereItWorks() throws IOException {
        SelfTest.Outcome outcome = run(GuestCardChoice.AUTO, "QEMU 7");
        assertThat(outcome.card()).isEqualTo(GuestCard.VHOST_USER);
        assertThat(outcome.passes()).isTrue();
        assertThat(words(outcome)).isEqualTo("ok: card: vhost-user: the test's frames passed");
        assertThat(tried).containsExactly(GuestCard.VHOST_USER);
        assertThat(data).isEmptyDirectory();
    }

    @Test
    void fallsBackToAStreamAndSaysWhy() throws IOException {
        for (String fault : List.of("no frame came", "thrown: QEMU ended with SIGSEGV")) {
            tried.clear();
            faults = Map.of(GuestCard.VHOST_USER, fault);
            SelfTest.Outcome outcome = run(GuestCardChoice.AUTO, "QEMU 7 " + fault);
            assertThat(outcome.card()).isEqualTo(GuestCard.STREAM);
            assertThat(outcome.passes()).isTrue();
            assertThat(words(outcome)).startsWith("ok: card: stream: ").endsWith(fault);
            assertThat(tried).containsExactly(GuestCard.VHOST_USER, GuestCard.STREAM);
        }
    }

    @Test
    void remembersAFailureForADayOfTheSameQemu() throws IOException {
        faults = Map.of(GuestCard.VHOST_USER, "no frame came");
        run(GuestCardChoice.AUTO, "QEMU 7");
        faults = Map.of();
        tried.clear();
        SelfTest.Outcome again = run(GuestCardChoice.AUTO, "QEMU 7");
        assertThat(again.card()).isEqualTo(GuestCard.STREAM);
        assertThat(words(again)).endsWith("failed here: network: no frame came");
        assertThat(tried).containsExactly(GuestCard.STREAM);

        assertThat(run(GuestCardChoice.AUTO, "QEMU 8").card()).isEqualTo(GuestCard.VHOST_USER);
        now = now.plusSeconds(24 * 3600);
        assertThat(run(GuestCardChoice.AUTO, "QEMU 7").card()).isEqualTo(GuestCard.VHOST_USER);
    }

    @Test
    void remembersNothingWhereNothingWorks() throws IOException {
        faults = Map.of(GuestCard.VHOST_USER, "silent", GuestCard.STREAM, "silent");
        assertThat(run(GuestCardChoice.AUTO, "QEMU 7").passes()).isFalse();
        assertThat(data).isEmptyDirectory();
        faults = Map.of(GuestCard.VHOST_USER, "thrown", GuestCard.STREAM, "thrown: no guest");
        assertThatThrownBy(() -> run(GuestCardChoice.AUTO, "QEMU 7"))
                .isInstanceOf(IOException.class)
                .hasMessage("thrown: no guest");
    }

    @Test
    void obeysTheSeller() throws IOException {
        assertThat(words(run(GuestCardChoice.STREAM, "QEMU 7")))
                .isEqualTo("ok: card: stream: the seller chose it");
        faults = Map.of(GuestCard.VHOST_USER, "silent");
        SelfTest.Outcome outcome = run(GuestCardChoice.VHOST_USER, "QEMU 7");
        assertThat(outcome.card()).isEqualTo(GuestCard.VHOST_USER);
        assertThat(outcome.faults()).containsExactly("network: silent");
    }

    @Test
    void forgetsWhatItCannotRead() throws IOException {
        Files.writeString(data.resolve("card.json"), "{}?");
        assertThat(run(GuestCardChoice.AUTO, "QEMU 7").card()).isEqualTo(GuestCard.VHOST_USER);
    }
}
