// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.market.formula;

import java.time.Duration;
import java.util.Optional;
import org.sparegrid.protocol.Credits;

/// When a task is done, and who can be asked to do it.
public final class Completion {
    /// How much slower than the requested node a candidate may be.
    private static final double SLOWER_MAX = 1.1;

    /// What takes longer than a hundred years is never done.
    private static final double HOURS_MAX = 876_600;

    private static final double NANOS_PER_HOUR = 3.6e12;

    private Completion() {}

    /// How long a provider is expected to take (F5), or nothing if it will never be done.
    public static Optional<Duration> expected(Task task, Node node, Availability availability) {
        return duration(hours(task, node, availability));
    }

    /// How long the requested node takes, being always there (F6), or nothing if it never does.
    public static Optional<Duration> requested(Task task, Node node) {
        return expected(task, node, Availability.ALWAYS);
    }

    /// The bandwidth times its availability with which a provider takes as long as the requested
    /// node (F7), or nothing if its processor alone is too slow.
    public static Optional<Bandwidth> bandwidthNeeded(
            Task task, Speed provider, double cpuAvailability, Node requested) {
        double speed = provider.scu() * cpuAvailability;
        double data = task.data().gigabytes();
        double requestedSpeed = requested.speed().scu();
        double requestedBandwidth = requested.bandwidth().gigabytesPerHour();
        double denominator =
                task.scuHours() * requestedBandwidth * (speed - requestedSpeed)
                        + data * speed * requestedSpeed;
        if (!(denominator > 0)) {
            return Optional.empty();
        }
        return Optional.of(
                new Bandwidth(speed * data * requestedSpeed * requestedBandwidth / denominator));
    }

    /// Whether a provider may stand for the requested node: it takes at most a tenth longer.
    public static boolean isCandidate(
            Task task, Node provider, Availability availability, Node requested) {
        return hours(task, provider, availability)
                <= SLOWER_MAX * hours(task, requested, Availability.ALWAYS);
    }

    /// A provider's average availability, weighted by what the task needs of it (F8): the time that
    /// the task would take if the provider were always there, by the time that it is expected to
    /// take. The patent's page with this formula is lost; this is the one that fits the others.
    public static Reliability averageAvailability(Task task, Node node, Availability availability) {
        double ideal = hours(task, node, Availability.ALWAYS);
        double real = hours(task, node, availability);
        return Reliability.measured(ideal == 0 && real == 0 ? 1 : ideal / real);
    }

    /// What it costs to bring a task's data to all replicas of a node and its result back (F2).
    ///
    /// @param perGigabyte the price of a gigabyte for each leg of the way
    /// @param requested the node's reliability
    /// @param provider the providers' average reliability; above 0
    public static Credits transferCost(
            Credits perGigabyte, Task task, Reliability requested, Reliability provider) {
        return Rounding.times(
                perGigabyte, task.data().gigabytes() * (requested.nines() / provider.nines() + 1));
    }

    private static double hours(Task task, Node node, Availability availability) {
        return quotient(task.scuHours(), node.speed().scu() * availability.cpu())
                + quotient(
                        task.data().gigabytes(),
                        node.bandwidth().gigabytesPerHour() * availability.bandwidth());
    }

    private static double quotient(double amount, double rate) {
        return amount == 0 ? 0 : amount / rate;
    }

    static Optional<Duration> duration(double hours) {
        return hours <= HOURS_MAX
                ? Optional.of(Duration.ofNanos(Math.round(hours * NANOS_PER_HOUR)))
                : Optional.empty();
    }
}
