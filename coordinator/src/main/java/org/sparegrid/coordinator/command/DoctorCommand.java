// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.command;

import java.io.IOException;
import java.io.PrintWriter;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.sparegrid.coordinator.config.Settings;
import org.sparegrid.coordinator.store.Database;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/// Finds out what keeps a coordinator from serving.
@Command(
        name = "doctor",
        description = "Check the set-up; each finding ends with what to do about it.")
final class DoctorCommand implements Callable<Integer> {
    private static final long SPACE_MIN_BYTES = 1L << 30;

    @Mixin CoordinatorCommand.Home home = new CoordinatorCommand.Home();
    @Spec CommandSpec spec = CommandSpec.create();

    private int findings;

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
        report(
                "port " + settings.port(),
                isFree(settings),
                "something listens there: another coordinator, perhaps; stop it or change port");
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
        return findings == 0 ? 0 : 1;
    }

    private void report(String what, boolean good, String remedy) {
        PrintWriter out = spec.commandLine().getOut();
        out.println((good ? "ok    " : "FAULT ") + what);
        if (!good) {
            findings++;
            out.println("      " + remedy);
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
