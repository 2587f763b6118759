// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.owner;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/// Decides what guests may do, as a state machine: what is seen goes in, the next state comes out.
///
/// Guests are held back at once, and let go only after everything has been well for the grace time,
/// so that they don't flap. What the owner orders counts at once in both directions.
///
/// @param verdict what guests may do
/// @param stillSinceMillis since when they stand still, or -1
/// @param wellSinceMillis since when nothing has held them back while they wait for it, or -1
public record Governor(Verdict verdict, long stillSinceMillis, long wellSinceMillis) {
    private static final String PAUSE = "pause";

    /// The state of a program that has seen nothing yet: guests wait for the first look.
    public static final Governor FRESH =
            new Governor(
                    new Verdict(
                            RunState.FROZEN,
                            0,
                            Limits.NONE,
                            PAUSE,
                            "the agent has only just started",
                            "its first look at the computer",
                            List.of()),
                    -1,
                    -1);

    /// The state after a look at the computer.
    public Governor after(OwnerRules rules, OwnerOrder order, Situation seen) {
        boolean still = verdict.state().standsStill();
        List<Finding> findings = RuleBook.findings(rules, order, seen, still);
        Limits limits = RuleBook.inUse(rules, seen.presence()) ? rules.inUse() : rules.idle();
        if (findings.isEmpty()) {
            return released(rules, limits, seen.nowMillis());
        }
        Finding worst = worst(findings);
        if (!worst.state().standsStill() && still && !isGraceOver(rules, seen.nowMillis())) {
            return waiting(rules, limits, seen.nowMillis());
        }
        List<Finding> others = new ArrayList<>(findings);
        others.remove(worst);
        if (!worst.state().standsStill()) {
            return new Governor(verdict(worst, limits, others), -1, -1);
        }
        long since = still && stillSinceMillis >= 0 ? stillSinceMillis : seen.nowMillis();
        Finding grown = grown(rules, worst, seen.nowMillis() - since);
        return new Governor(verdict(grown, limits, others), since, -1);
    }

    /// Whether new guests are welcome.
    public boolean welcomesGuests() {
        return !verdict.state().standsStill();
    }

    private Governor released(OwnerRules rules, Limits limits, long nowMillis) {
        return verdict.state().standsStill() && !isGraceOver(rules, nowMillis)
                ? waiting(rules, limits, nowMillis)
                : new Governor(Verdict.run(limits), -1, -1);
    }

    /// An order is taken back at once, and no one need wait out what idleness has shown already.
    private boolean isGraceOver(OwnerRules rules, long nowMillis) {
        return List.of(PAUSE, "mode", "only-idle", "in-use-cpu").contains(verdict.rule())
                || (wellSinceMillis >= 0
                        && nowMillis - wellSinceMillis >= rules.grace().toMillis());
    }

    private Governor waiting(OwnerRules rules, Limits limits, long nowMillis) {
        long since = wellSinceMillis < 0 ? nowMillis : wellSinceMillis;
        Duration left = rules.grace().minusMillis(nowMillis - since);
        return new Governor(
                new Verdict(
                        verdict.state(),
                        0,
                        limits,
                        verdict.rule(),
                        verdict.why(),
                        "it is over; guests go on in " + RuleBook.text(left),
                        List.of()),
                stillSinceMillis,
                since);
    }

    /// Standing still for long becomes parking, and parking for very long the end.
    private static Finding grown(OwnerRules rules, Finding finding, long stillMillis) {
        RunState state = finding.state();
        if (isOver(rules.stopAfter(), stillMillis)) {
            state = RunState.STOPPED;
        } else if (isOver(rules.parkAfter(), stillMillis)) {
            state = RunState.PARKED;
        }
        return new Finding(finding.rule(), state, 0, finding.why(), finding.change());
    }

    private static boolean isOver(Duration limit, long millis) {
        return limit.isPositive() && millis >= limit.toMillis();
    }

    private static Finding worst(List<Finding> findings) {
        return findings.stream()
                .min(
                        Comparator.comparing(Finding::state, Comparator.reverseOrder())
                                .thenComparingInt(Finding::cpuPercent))
                .orElseThrow();
    }

    private static Verdict verdict(Finding finding, Limits limits, List<Finding> others) {
        return new Verdict(
                finding.state(),
                finding.cpuPercent(),
                limits,
                finding.rule(),
                finding.why(),
                finding.change(),
                others);
    }
}
