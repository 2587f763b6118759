// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.command;

import java.io.IOException;
import java.io.PrintWriter;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.sparegrid.coordinator.config.Settings;
import org.sparegrid.coordinator.store.Database;
import org.sparegrid.protocol.json.Format;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/// Finds out what keeps a coordinator from serving.
@Command(
        name = "doctor",
        description = "Check the set-up; each finding ends with what to do about it.")
final class DoctorCommand implements Callable<Integer> {
    private static final long SPACE_MIN_BYTES = 1L << 30;

    @Mixin CoordinatorCommand.Home home = new CoordinatorCommand.Home();
    @Spec CommandSpec spec = CommandSpec.create();

    @Option(names = "--json", description = "Print the findings as JSON.")
    boolean json;

    private final List<Finding> findings = new ArrayList<>();

    /// What was looked at.
    ///
    /// @param remedy what to do about it, or empty if it is good
    record Finding(String what, boolean good, String remedy) {}

    /// All that was looked at.
    record View(boolean good, List<Finding> findings) {}

    @Override
    public Integer call() throws Exception {
        Settings settings = home.settings();
        Path folder = home.folder();
        report("settings", true, "");
        long space = Files.getFileStore(folder).getUsableSpace();
        report(
                "disk space: " + (space >> 20) + " MiB free",
                space >= SPACE_MIN_BYTES,
                "free at least 1 GiB for images");
        for (String address : settings.publicAddresses()) {
            report(
                    "address " + address,
                    resolves(address),
                    "correct public-addresses in the settings");
        }
        port(settings);
        report(
                "authority until " + FingerprintCommand.authority(folder).getNotAfter().toInstant(),
                true,
                "");
        try (Database database = Database.open(settings.store(folder), 1)) {
            report(
                    "books",
                    database.read(tx -> tx.ledger().faults()).isEmpty(),
                    "see sparegrid-coordinator ledger verify");
            if (settings.royaltyBasisPoints() > 0) {
                String account = settings.royaltyAccount();
                report(
                        "royalty for " + account,
                        database.read(tx -> tx.accounts().findByEmail(account).isPresent()),
                        "nobody has this account, so that none is taken; open it, or correct"
                                + " royalty-account");
            }
        }
        boolean good = findings.stream().allMatch(Finding::good);
        if (json) {
            spec.commandLine()
                    .getOut()
                    .println(
                            Format.JSON.writeWithSchema(
                                    "sparegrid.coordinator-doctor/1", new View(good, findings)));
        }
        return good ? 0 : 1;
    }

    private void report(String what, boolean good, String remedy) {
        findings.add(new Finding(what, good, good ? "" : remedy));
        if (json) {
            return;
        }
        PrintWriter out = spec.commandLine().getOut();
        out.println((good ? "ok    " : "FAULT ") + what);
        if (!good) {
            out.println("      " + remedy);
        }
    }

    /// The port is free, or this coordinator serves there.
    private void port(Settings settings) {
        String what = "port " + settings.port();
        if (isFree(settings)) {
            report(what, true, "");
            return;
        }
        try {
            HealthCommand.Answer answer = HealthCommand.ask(settings, home.folder());
            report(
                    what + ": this coordinator serves there",
                    answer.isReady(),
                    "it is not ready: " + answer.text());
        } catch (IOException another) {
            report(
                    what,
                    false,
                    "something else listens there: another coordinator, perhaps; stop it or change"
                            + " port");
        }
    }

    private static boolean resolves(String address) {
        try {
            return InetAddress.getByName(address) != null;
        } catch (IOException unknown) {
            return false;
        }
    }

    private static boolean isFree(Settings settings) {
        try (ServerSocket socket =
                new ServerSocket(
                        settings.port(), 1, InetAddress.getByName(settings.listenAddress()))) {
            return socket.isBound();
        } catch (IOException taken) {
            return false;
        }
    }
}
