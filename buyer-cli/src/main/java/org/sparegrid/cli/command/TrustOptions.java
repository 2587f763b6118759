// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.cli.command;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.sparegrid.attestation.report.Level;
import org.sparegrid.cli.context.NetworkFolder;
import org.sparegrid.cli.trust.TrustWish;
import org.sparegrid.protocol.market.Attribute;
import org.sparegrid.protocol.market.Order;
import org.sparegrid.protocol.market.OrderSpec;
import org.sparegrid.protocol.market.Query;
import org.sparegrid.protocol.market.Term;
import picocli.CommandLine.Option;

/// The options that say what has to be proven before a machine runs.
final class TrustOptions {
    /// Each machine is told of all others in one message.
    private static final int MACHINES_MAX = 500;

    @Option(
            names = "--trust",
            paramLabel = "WHAT",
            defaultValue = "open",
            description = {
                "What each must prove before it runs, and again while it does:",
                "open, identified, measured, confidential or the file of a policy",
                "(default: ${DEFAULT-VALUE}). See docs/threat-model.md."
            })
    private String what = "open";

    @Option(
            names = "--tpm-roots",
            paramLabel = "DIR",
            description = "Certificates of makers of TPMs.")
    private List<Path> tpmRoots = new ArrayList<>();

    @Option(
            names = "--development-roots",
            paramLabel = "DIR",
            description = "Certificates of software TPMs, for trials.")
    private List<Path> developmentRoots = new ArrayList<>();

    @Option(
            names = "--quote-every",
            paramLabel = "TIME",
            defaultValue = "5m",
            converter = Units.SpanReader.class,
            description = {
                "How often each must prove it again; after twice as long without",
                "proof it is shut out (default: ${DEFAULT-VALUE})."
            })
    private Duration again = Duration.ofMinutes(5);

    /// What the market has to look for.
    Query wanted() throws Failure {
        Level level = level();
        return level == Level.OPEN
                ? Query.ANY
                : new Query(
                        List.of(
                                new Term.Bound(
                                        Attribute.ATTESTATION,
                                        Term.Relation.AT_LEAST,
                                        level.number())));
    }

    /// The level that is asked for.
    Level level() throws Failure {
        try {
            return wish().policy().level();
        } catch (IOException wrong) {
            throw new Failure(ExitCode.USAGE, "--trust: " + wrong.getMessage());
        }
    }

    private TrustWish wish() throws IOException {
        return new TrustWish(
                Level.named(what).isPresent() ? what : Files.readString(Path.of(what)),
                absolute(tpmRoots),
                absolute(developmentRoots),
                again.toSeconds(),
                again.multipliedBy(2).toSeconds());
    }

    private static List<String> absolute(List<Path> folders) {
        return folders.stream().map(each -> each.toAbsolutePath().toString()).toList();
    }

    /// Checks before anything is ordered that evidence could be believed at all.
    void check() throws IOException, Failure {
        if (level() != Level.OPEN) {
            if (again.compareTo(Duration.ofSeconds(1)) < 0) {
                throw new Failure(ExitCode.USAGE, "--quote-every: expected 1 s or more");
            }
            if (wish().makers().isEmpty()) {
                throw new Failure(
                        ExitCode.USAGE,
                        "--trust "
                                + level().id()
                                + " needs the certificates of makers of TPMs; give --tpm-roots");
            }
        }
    }

    /// Refuses an order whose machines would wait for a check that nobody makes.
    void check(OrderSpec spec) throws Failure {
        if (level() != Level.OPEN && spec.machines() > MACHINES_MAX) {
            throw new Failure(
                    ExitCode.USAGE,
                    "--trust: expected at most " + MACHINES_MAX + " machines in one order");
        }
        if (spec.trust() > level().number()) {
            throw new Failure(
                    ExitCode.USAGE,
                    "--where asks for sellers of attestation "
                            + spec.trust()
                            + ", which is yours to check; give --trust and --tpm-roots too");
        }
    }

    /// Begins to watch an order's machines, which will not run otherwise.
    void watch(Shell shell, OrderSpec spec, Order order)
            throws IOException, Failure, InterruptedException {
        Level level = level();
        if (level != Level.OPEN) {
            NetworkFolder folder = shell.context().network(order.network());
            new TrustWish.Placed(wish(), spec).store(shell.context(), folder);
            Reach.daemon(shell, order);
            shell.terminal().note("Trust " + level.id() + " proves " + level.proves());
            shell.terminal().note("  and does not prove " + level.doesNotProve());
        }
    }
}
