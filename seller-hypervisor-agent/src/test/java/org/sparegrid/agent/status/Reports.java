// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.status;

import java.util.List;
import org.sparegrid.agent.benchmark.Figure;
import org.sparegrid.protocol.Credits;
import org.sparegrid.protocol.market.Acceleration;
import org.sparegrid.protocol.market.Ask;
import org.sparegrid.protocol.market.MachineSize;

/// Reports for tests.
public final class Reports {
    /// A seller with one guest.
    public static final StatusReport ANY =
            new StatusReport(
                    "s1",
                    "https://coordinator.example",
                    "connected",
                    true,
                    List.of(),
                    new OwnerReport(
                            "auto",
                            "run",
                            100,
                            "none",
                            "nothing holds guests back",
                            "",
                            List.of(),
                            false,
                            600,
                            "X display",
                            0),
                    new MoneyReport(
                            Credits.parse("1.5"),
                            Credits.parse("0.25"),
                            Credits.parse("1.25"),
                            true,
                            Credits.parse("0.05")),
                    new BenchmarkReport(
                            "2026-01-02T03:04:05Z",
                            List.of(new Figure("one core", "points", 900, 18, 5)),
                            List.of("disk: only 3 MiB free"),
                            "waits: a guest is here"),
                    "http://127.0.0.1:1/x/",
                    new Ask(
                            "attic",
                            1,
                            new MachineSize(1, 1024, 0),
                            Credits.parse("0.05"),
                            Acceleration.EMULATION,
                            "no KVM",
                            900,
                            "0.1",
                            org.sparegrid.protocol.market.AskTraits.UNKNOWN),
                    "libvirt 9.0.0, QEMU 7.2.22",
                    true,
                    List.of("ok: no network"),
                    List.of("ok: boot: ready"),
                    List.of("processors: held"),
                    41_777,
                    List.of("192.0.2.1:41777"),
                    "",
                    List.of(
                            new StatusReport.Machine(
                                    "l1",
                                    "net",
                                    "node1",
                                    "ON_NETWORK",
                                    4711,
                                    1,
                                    1024,
                                    60,
                                    30.5,
                                    1000,
                                    2000,
                                    java.util.Map.of(),
                                    List.of(
                                            new StatusReport.Disc(
                                                    40_000_000, 120_000_000, 2, 3400, true)))),
                    List.of(),
                    List.of(
                            new StatusReport.Volume(
                                    "vol-abcdefghijkl", 21L << 30, false, "vm-abcdefghijkl")),
                    50,
                    new SharingReport(
                            true,
                            false,
                            "",
                            List.of("192.168.1.7:41778"),
                            1,
                            3,
                            List.of("0123abcd: it hung up"),
                            5 << 20,
                            7 << 20));

    /// The same seller with other rules in force.
    public static StatusReport with(OwnerReport owner) {
        return with(ANY.connection(), owner);
    }

    /// The same seller with another connection.
    public static StatusReport with(String connection) {
        return with(connection, ANY.owner());
    }

    private static StatusReport with(String connection, OwnerReport owner) {
        return new StatusReport(
                ANY.seller(),
                ANY.coordinator(),
                connection,
                ANY.selling(),
                ANY.whyNot(),
                owner,
                ANY.money(),
                ANY.benchmark(),
                ANY.page(),
                ANY.ask(),
                ANY.hypervisor(),
                ANY.confined(),
                ANY.confinement(),
                ANY.selfTest(),
                ANY.caps(),
                ANY.udpPort(),
                ANY.endpoints(),
                ANY.routerPort(),
                ANY.machines(),
                ANY.images(),
                ANY.volumes(),
                ANY.volumeGibibytesMax(),
                ANY.sharing());
    }

    private Reports() {}
}
