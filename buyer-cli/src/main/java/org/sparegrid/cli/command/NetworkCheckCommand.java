// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.cli.command;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.Locale;
import org.sparegrid.cli.client.RefusedException;
import org.sparegrid.cli.output.Table;
import org.sparegrid.protocol.market.NetworkRelay;
import org.sparegrid.virtualethernet.VirtualEthernet;
import org.sparegrid.virtualethernet.check.NetworkReport;
import picocli.CommandLine.Command;

/// `net check`.
@Command(
        name = "check",
        description = {
            "Find out what lies between this computer and the machines: NAT, firewall, path",
            "MTU. Needs no network to be up and takes a few seconds."
        })
final class NetworkCheckCommand extends DataCommand {
    /// @param fix the one change worth making; empty if there is none
    private record Checked(NetworkReport network, String fix) {}

    @Override
    int run() throws IOException, RefusedException, Failure, InterruptedException {
        List<NetworkRelay> relays = coordinator().relays().relays();
        if (relays.isEmpty()) {
            throw new Failure(ExitCode.NOT_FOUND, "this coordinator runs no relay to check with");
        }
        NetworkReport report;
        try (VirtualEthernet ethernet = VirtualEthernet.open(new VirtualEthernet.Config(0))) {
            report = ethernet.survey(resolved(relays.getFirst().endpoint()));
        }
        print("sparegrid.network-check/1", new Checked(report, report.fix()), () -> show(report));
        return report.udp() ? 0 : ExitCode.UNREACHABLE.number();
    }

    private static InetSocketAddress resolved(String endpoint) throws IOException {
        int colon = endpoint.lastIndexOf(':');
        String host = endpoint.substring(0, Math.max(0, colon));
        try {
            return new InetSocketAddress(
                    InetAddress.getByName(host), Integer.parseInt(endpoint.substring(colon + 1)));
        } catch (UnknownHostException unknown) {
            throw new IOException("the relay's name " + host + " has no address", unknown);
        }
    }

    private void show(NetworkReport report) {
        Table table = Table.of("what", "found~");
        table.row("coordinator", "reached by TCP");
        table.row(
                "relay", report.udp() ? reached(report) : "UDP does not reach " + report.server());
        if (report.udp()) {
            table.row("seen as", report.seen());
            table.row("NAT", report.mapping().words());
            table.row("firewall", report.filtering().words());
            table.row("open from outside", report.open() ? "yes" : "no");
            table.row("hairpin", report.hairpin() ? "yes" : "no");
            table.row("path MTU", report.pathMtu() + " bytes");
        }
        terminal().print(table);
        terminal()
                .print(
                        report.fix().isEmpty()
                                ? "Nothing needs to be changed"
                                : "Worth a change: " + report.fix());
    }

    private static String reached(NetworkReport report) {
        return String.format(
                Locale.ROOT,
                "%s answers in %.1f ms",
                report.server(),
                report.roundTripMicros() / 1000.0);
    }
}
