// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.market.formula;

import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.sparegrid.protocol.Credits;

/// What accounts say of another after dealing with it. Opinions are kept apart from what was
/// measured: they make a rating, never a [Reliability].
///
/// Each rater has at most one vote, however often it rates, so that a rich friend is no crowd. A
/// vote weighs as much as the rater spent on what it rates, halved every 90 days, but no more than
/// the rater spent with others, nor than it ever paid in: accounts that were made to praise one
/// owner have no weight until real money went through each of them.
public final class Opinions {
    /// An opinion counts half after so long.
    private static final Duration HALF_LIFE = Duration.ofDays(90);

    /// A rater has a whole vote from that on.
    private static final double WHOLE_VOTE = 1;

    /// Nine times out of ten the true share of good opinions is above what is believed.
    private static final double QUANTILE = 1.281_551_565_544_6;

    private static final double NANOS = 1e9;

    private Opinions() {}

    /// One opinion.
    ///
    /// @param rater whose
    /// @param good what it says
    /// @param spent what that lease cost
    /// @param elsewhere what the rater spent with other owners
    /// @param paidIn what the rater ever paid into its wallet
    /// @param at when it was given
    public record Opinion(
            String rater,
            boolean good,
            Credits spent,
            Credits elsewhere,
            Credits paidIn,
            Instant at) {}

    private record Vote(double weight, double good, double most) {
        Vote plus(Vote other) {
            return new Vote(weight + other.weight, good + other.good, most);
        }
    }

    /// The rating: what the share of good opinions surely is, 0 to 1; 0 if nobody counts. It is the
    /// lower end of Wilson's interval.
    ///
    /// Source: E. B. Wilson, Journal of the American Statistical Association 22 (1927), 209-212.
    public static double rating(List<Opinion> opinions, Instant now) {
        Map<String, Vote> votes = new HashMap<>();
        for (Opinion opinion : opinions) {
            double age = Math.max(0, Duration.between(opinion.at(), now).toSeconds());
            double weight =
                    opinion.spent().nanos() / NANOS * Math.pow(0.5, age / HALF_LIFE.toSeconds());
            double most = Math.min(opinion.elsewhere().nanos(), opinion.paidIn().nanos()) / NANOS;
            votes.merge(
                    opinion.rater(),
                    new Vote(weight, opinion.good() ? weight : 0, most),
                    Vote::plus);
        }
        double all = 0;
        double good = 0;
        for (Vote vote : votes.values()) {
            double counts = Math.min(Math.min(vote.weight, vote.most), WHOLE_VOTE);
            if (counts > 0) {
                all += counts;
                good += counts * vote.good / vote.weight;
            }
        }
        return all > 0 ? wilson(good / all, all) : 0;
    }

    private static double wilson(double share, double count) {
        double square = QUANTILE * QUANTILE;
        double middle = share + square / (2 * count);
        double width =
                QUANTILE * Math.sqrt(share * (1 - share) / count + square / (4 * count * count));
        return Math.clamp((middle - width) / (1 + square / count), 0, 1);
    }
}
