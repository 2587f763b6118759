// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.selling;

import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;
import org.sparegrid.agent.activity.ActivityMonitor;
import org.sparegrid.agent.activity.BusSource;
import org.sparegrid.agent.activity.Displays;
import org.sparegrid.agent.activity.InputDevices;
import org.sparegrid.agent.activity.Interrupts;
import org.sparegrid.agent.activity.Terminals;
import org.sparegrid.agent.desktop.MessageBus;
import org.sparegrid.agent.desktop.XDisplay;
import org.sparegrid.agent.sensor.HostSensors;

/// All sources of this computer.
public final class OwnerEyes {
    private OwnerEyes() {}

    /// Opens them; those that are missing are looked for again now and then.
    public static OwnerWatch.Eyes open(Map<String, String> environment) {
        LongSupplier nanos = System::nanoTime;
        InstantSource clock = InstantSource.system();
        Displays displays =
                new Displays(Path.of("/tmp/.X11-unix"), XDisplay.authority(environment), nanos);
        return new OwnerWatch.Eyes(
                new ActivityMonitor(
                        List.of(
                                displays,
                                BusSource.gnome(MessageBus.session(environment), nanos),
                                BusSource.logind(MessageBus.system(), nanos),
                                new InputDevices(Path.of("/dev/input"), nanos),
                                new Interrupts(Path.of("/proc/interrupts"), nanos),
                                new Terminals(Path.of("/dev"), clock))),
                displays::isFullScreen,
                new HostSensors(Path.of("/sys"), Path.of("/proc"), MessageBus.system()));
    }
}
