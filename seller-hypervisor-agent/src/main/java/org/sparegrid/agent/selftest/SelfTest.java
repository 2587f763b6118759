// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.selftest;

import java.io.IOException;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.InstantSource;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import org.sparegrid.agent.hypervisor.Confinement;
import org.sparegrid.agent.hypervisor.GuestCard;
import org.sparegrid.agent.hypervisor.Hypervisor;
import org.sparegrid.protocol.market.Acceleration;
import org.sparegrid.protocol.market.MachineSize;

/// Boots a guest of our own, has it try everything that a buyer's guest needs, and removes it.
public final class SelfTest {
    /// What the guest gets: little, but enough to see each part.
    static final MachineSize SIZE = new MachineSize(1, 128, 16);

    /// Emulated, on a busy computer; the boot takes a second.
    private static final Duration BOOT_MAX = Duration.ofSeconds(60);

    private static final Duration ANSWER_MAX = Duration.ofSeconds(30);

    /// How far the guest's clock may be off, in seconds.
    private static final long CLOCK_SECONDS_MAX = 5;

    private final TestGuest guest;
    private final List<Check> checks = new ArrayList<>();

    private SelfTest(TestGuest guest) {
        this.guest = guest;
    }

    /// One thing that was tried.
    ///
    /// @param text what was seen, or what is wrong
    public record Check(String name, boolean passed, String text) {
        /// For people.
        public String line() {
            return (passed ? "ok: " : "FAULT: ") + name + ": " + text;
        }
    }

    /// What was found.
    ///
    /// @param confinement how the guest was locked up
    /// @param checks what it tried
    /// @param card what its network card was
    public record Outcome(Confinement confinement, List<Check> checks, GuestCard card) {
        public Outcome {
            checks = List.copyOf(checks);
        }

        /// Whether nothing is wrong.
        public boolean passes() {
            return confinement.holds() && faults().isEmpty();
        }

        /// The same, saying why its card was what it was.
        Outcome noting(String why) {
            List<Check> more = new ArrayList<>(checks);
            more.add(new Check("card", true, card + ": " + why));
            return new Outcome(confinement, more, card);
        }

        /// What is wrong, one line each.
        public List<String> faults() {
            return checks.stream()
                    .filter(check -> !check.passed())
                    .map(check -> check.name() + ": " + check.text())
                    .toList();
        }
    }

    /// Tests the computer; takes some seconds.
    ///
    /// @param name of the guest; what has it is removed first
    /// @param card what its network card is
    /// @param disks where guests' disks are
    /// @throws IOException if no guest can be made
    public static Outcome run(
            Hypervisor hypervisor,
            String name,
            Acceleration acceleration,
            GuestCard card,
            Path disks,
            InstantSource clock)
            throws IOException {
        try (TestGuest guest =
                TestGuest.launch(hypervisor, name, SIZE, acceleration, card, disks)) {
            Confinement confinement = hypervisor.inspect(guest.handle());
            SelfTest test = new SelfTest(guest);
            if (confinement.holds()) {
                test.all(acceleration, clock);
            } else {
                // Even our own guest is not let run then.
                test.checks.add(new Check("boot", false, "the guest would not be confined"));
            }
            return new Outcome(confinement, test.checks, card);
        }
    }

    private void all(Acceleration acceleration, InstantSource clock) throws IOException {
        guest.answerFrames();
        guest.handle().resume();
        long start = System.nanoTime();
        boolean booted =
                check(
                        "boot",
                        () -> {
                            guest.await("ready", BOOT_MAX);
                            long millis = (System.nanoTime() - start) / 1_000_000;
                            return "BIOS and CD, ready after " + millis + " ms";
                        });
        if (booted) {
            check("processor", () -> processor(guest.ask("processor", ANSWER_MAX), acceleration));
            check("clock", () -> clock(guest.ask("clock", ANSWER_MAX), clock));
            check("memory", () -> amount(guest.ask("memory", ANSWER_MAX), SIZE.memoryMebibytes()));
            check("disk", () -> amount(guest.ask("disk", ANSWER_MAX), SIZE.diskMebibytes()));
            check("network", () -> network(guest.ask("net", ANSWER_MAX), guest.receivedBytes()));
        }
    }

    private interface Try {
        /// What was seen.
        String run() throws IOException;
    }

    private boolean check(String name, Try attempt) {
        try {
            return checks.add(new Check(name, true, attempt.run()));
        } catch (IOException fault) {
            checks.add(new Check(name, false, String.valueOf(fault.getMessage())));
            return false;
        }
    }

    /// The guest asks its processor who runs it: that must be what was promised.
    static String processor(String answer, Acceleration promised) throws IOException {
        String hypervisor = answer.substring(answer.indexOf(' ') + 1);
        String expected = promised == Acceleration.KVM ? "KVMKVMKVM" : "TCGTCGTCGTCG";
        if (!hypervisor.equals(expected)) {
            throw new IOException(
                    "expected to run under "
                            + expected
                            + ", the guest sees "
                            + hypervisor
                            + "; another hypervisor may hide below");
        }
        return answer.substring(0, Math.max(0, answer.indexOf(' ')))
                + (promised == Acceleration.KVM ? ", by KVM" : ", emulated");
    }

    static String clock(String answer, InstantSource clock) throws IOException {
        try {
            long guest = LocalDateTime.parse(answer).toEpochSecond(ZoneOffset.UTC);
            long off = guest - clock.instant().getEpochSecond();
            if (Math.abs(off) > CLOCK_SECONDS_MAX) {
                throw new IOException("it is " + off + " s off this computer's");
            }
            return "within " + CLOCK_SECONDS_MAX + " s of this computer's";
        } catch (DateTimeException unreadable) {
            throw new IOException("the guest reads " + answer, unreadable);
        }
    }

    static String amount(String answer, long expectedMebibytes) throws IOException {
        String[] words = answer.split(" ", -1);
        if (words.length != 2 || !words[0].equals("ok") || !words[1].matches("[0-9]{1,15}")) {
            throw new IOException("the guest wrote and read it, and says: " + answer);
        }
        long mebibytes = Long.parseLong(words[1]) >> 20;
        if (mebibytes != expectedMebibytes) {
            throw new IOException(
                    "expected " + expectedMebibytes + " MiB, the guest has " + mebibytes);
        }
        return mebibytes + " MiB written and read back";
    }

    static String network(String answer, long receivedBytes) throws IOException {
        if (answer.equals("ok")) {
            return "a frame each way";
        }
        throw new IOException(
                answer.equals("none")
                        ? "the guest finds no card"
                        : receivedBytes == 0
                                ? "no frame came from the guest"
                                : "the guest's frames came, but it gets no answer");
    }
}
