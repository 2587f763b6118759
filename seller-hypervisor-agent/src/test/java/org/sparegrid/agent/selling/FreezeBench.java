// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.selling;

import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.sparegrid.agent.activity.ActivityMonitor;
import org.sparegrid.agent.activity.Displays;
import org.sparegrid.agent.config.SettingsFile;
import org.sparegrid.agent.hypervisor.VmHandle;
import org.sparegrid.agent.hypervisor.VmSpec;
import org.sparegrid.agent.hypervisor.libvirt.Layout;
import org.sparegrid.agent.hypervisor.libvirt.LibvirtHypervisor;
import org.sparegrid.agent.owner.Verdict;
import org.sparegrid.agent.sensor.HostSensors;
import org.sparegrid.protocol.market.Acceleration;
import org.sparegrid.protocol.market.MachineSize;

/// Measures how long guests go on after the owner touched a key on a real X server, and how long
/// freezing, thawing, parking and bringing back take. Run by `bin/bench seller`.
public final class FreezeBench {
    private static final int INPUTS = 20;
    private static final int SWITCHES = 30;

    private FreezeBench() {}

    /// `FOLDER DISPLAY`: a private folder, and an X server's number. Inputs are made by xdotool.
    public static void main(String[] arguments) throws Exception {
        Path folder = Path.of(arguments[0]);
        try (LibvirtHypervisor hypervisor =
                new LibvirtHypervisor(
                        new Layout(
                                folder.resolve("v"),
                                folder.resolve("g"),
                                folder.resolve("l"),
                                folder.resolve("d"),
                                folder.resolve("i"),
                                folder.resolve("n"),
                                folder.resolve("log/libvirtd")),
                        Path.of("/usr/bin/bwrap"),
                        Path.of("/usr/sbin/libvirtd"),
                        false)) {
            VmHandle guest =
                    hypervisor.launch(
                            new VmSpec(
                                    "bench",
                                    new MachineSize(1, 512, 0),
                                    Acceleration.EMULATION,
                                    List.of(),
                                    "02:00:00:00:00:01",
                                    1370,
                                    List.of()));
            try {
                guest.resume();
                switches(guest);
                inputs(guest, folder, arguments[1]);
                parks(hypervisor, guest);
            } finally {
                hypervisor.purge("bench");
                hypervisor.shutDown();
            }
        }
    }

    private static void switches(VmHandle guest) throws Exception {
        long[] freeze = new long[SWITCHES];
        long[] thaw = new long[SWITCHES];
        for (int i = 0; i < SWITCHES; i++) {
            long start = System.nanoTime();
            guest.suspend();
            freeze[i] = System.nanoTime() - start;
            start = System.nanoTime();
            guest.resume();
            thaw[i] = System.nanoTime() - start;
        }
        say("freeze-ms", freeze);
        say("thaw-ms", thaw);
    }

    private static void inputs(VmHandle guest, Path folder, String display) throws Exception {
        LinkedBlockingQueue<Long> frozenAt = new LinkedBlockingQueue<>();
        LinkedBlockingQueue<Long> runsAt = new LinkedBlockingQueue<>();
        Displays displays =
                new Displays(
                        Path.of("/tmp/.X11-unix"), folder.resolve("authority"), System::nanoTime);
        OwnerWatch watch =
                new OwnerWatch(
                        SettingsFile.parse("mode = 'when-idle'\nidle-after = '5 s'", "bench")
                                .owner(),
                        new OwnerWatch.Eyes(
                                new ActivityMonitor(List.of(displays)),
                                displays::isFullScreen,
                                new HostSensors(Path.of("/sys"), Path.of("/proc"), folder)),
                        folder.resolve("owner.json"),
                        InstantSource.system(),
                        () ->
                                new OwnerWatch.Guests(
                                        List.of(guest.process().pid()), false, true, 512, 0));
        long[] took = new long[INPUTS];
        try (watch) {
            watch.start(verdict -> obey(guest, verdict, frozenAt, runsAt));
            for (int i = 0; i < INPUTS; i++) {
                await(runsAt);
                Thread.sleep(137L * (i % 7));
                frozenAt.clear();
                long start = System.nanoTime();
                new ProcessBuilder("xdotool", "key", "a")
                        .redirectErrorStream(true)
                        .start()
                        .waitFor();
                took[i] = await(frozenAt) - start;
            }
        }
        say("input-to-frozen-ms (display " + display + ")", took);
    }

    private static void obey(
            VmHandle guest,
            Verdict verdict,
            LinkedBlockingQueue<Long> frozenAt,
            LinkedBlockingQueue<Long> runsAt) {
        try {
            if (verdict.state().standsStill()) {
                guest.suspend();
                frozenAt.add(System.nanoTime());
            } else {
                guest.resume();
                runsAt.add(System.nanoTime());
            }
        } catch (java.io.IOException failed) {
            throw new java.io.UncheckedIOException(failed);
        }
    }

    private static long await(LinkedBlockingQueue<Long> times) throws Exception {
        Long at = times.poll(60, TimeUnit.SECONDS);
        if (at == null) {
            throw new IllegalStateException("nothing happened for a minute");
        }
        return at;
    }

    private static void parks(LibvirtHypervisor hypervisor, VmHandle guest) throws Exception {
        long[] park = new long[3];
        long[] back = new long[3];
        VmHandle one = guest;
        for (int i = 0; i < park.length; i++) {
            one.suspend();
            long start = System.nanoTime();
            one.park();
            park[i] = System.nanoTime() - start;
            start = System.nanoTime();
            one = hypervisor.unpark("bench");
            one.resume();
            back[i] = System.nanoTime() - start;
        }
        say("park-ms", park);
        say("unpark-ms", back);
    }

    private static void say(String what, long[] nanos) {
        Arrays.sort(nanos);
        int n = nanos.length;
        System.out.printf(
                Locale.ROOT,
                "%s: median %.1f p95 %.1f max %.1f n %d%n",
                what,
                nanos[n / 2] / 1e6,
                nanos[Math.min(n - 1, n * 95 / 100)] / 1e6,
                nanos[n - 1] / 1e6,
                n);
    }
}
