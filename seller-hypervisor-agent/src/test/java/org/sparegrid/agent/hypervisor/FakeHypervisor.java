// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.hypervisor;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.sparegrid.agent.process.ProcessId;
import org.sparegrid.virtualethernet.port.FramePort;

/// A hypervisor whose guests are entries in a table.
public final class FakeHypervisor implements Hypervisor {
    /// The guests, by name.
    public final Map<String, FakeGuest> guests = Collections.synchronizedMap(new LinkedHashMap<>());

    /// What guests were made of, by name.
    public final Map<String, VmSpec> specs = Collections.synchronizedMap(new LinkedHashMap<>());

    /// What an inspection finds.
    public List<Confinement.Finding> findings =
            new ArrayList<>(List.of(new Confinement.Finding(true, "it has no network")));

    /// Where the console of a restored guest is.
    public Path restoredSerial = Path.of("/nonexistent/s");

    /// What a launch fails with, if anything.
    public Optional<String> launchFault = Optional.empty();

    /// How many purges still fail, because libvirt is away.
    public final AtomicInteger purgesToFail = new AtomicInteger();

    @Override
    public VmHandle launch(VmSpec spec) throws IOException {
        if (launchFault.isPresent()) {
            throw new IOException(launchFault.get());
        }
        FakeGuest guest = new FakeGuest(this, spec.name());
        guests.put(spec.name(), guest);
        specs.put(spec.name(), spec);
        return guest;
    }

    @Override
    public VmHandle unpark(String name) {
        FakeGuest guest = find(name).map(FakeGuest.class::cast).orElseThrow();
        guest.parked = false;
        return guest;
    }

    @Override
    public VmHandle restore(String name, InputStream in) throws IOException {
        String saved = new String(in.readAllBytes(), StandardCharsets.UTF_8);
        if (!saved.equals("state of " + name)) {
            throw new IOException("a checkpoint of something else: " + saved);
        }
        FakeGuest guest = new FakeGuest(this, name);
        guest.serial = restoredSerial;
        guests.put(name, guest);
        return guest;
    }

    @Override
    public Optional<VmHandle> find(String name) {
        return Optional.ofNullable(guests.get(name));
    }

    @Override
    public List<String> names() {
        return List.copyOf(guests.keySet());
    }

    @Override
    public void purge(String name) throws IOException {
        if (purgesToFail.getAndUpdate(left -> Math.max(0, left - 1)) > 0) {
            throw new IOException("libvirt is away");
        }
        guests.remove(name);
    }

    @Override
    public Confinement inspect(VmHandle vm) {
        return new Confinement(List.copyOf(findings));
    }

    @Override
    public String description() {
        return "a table";
    }

    @Override
    public List<String> caps() {
        return List.of("processors: a table");
    }

    @Override
    public void ensureRunning() {}

    @Override
    public void shutDown() {}

    @Override
    public void close() {}

    /// A guest that does what it is told.
    public static final class FakeGuest implements VmHandle {
        private final FakeHypervisor hypervisor;
        private final String name;

        /// Its QEMU.
        public ProcessId process = ProcessId.NONE;

        /// Where its console is.
        public Path serial = Path.of("/nonexistent/s");

        /// How often it was asked whether it lives.
        public final AtomicInteger looks = new AtomicInteger();

        /// How often its power button was pressed.
        public final AtomicInteger powerDowns = new AtomicInteger();

        /// Whether its processors stand still.
        public boolean suspended = true;

        /// Whether it is on the disk.
        public boolean parked;

        /// What parking fails with, if anything.
        public Optional<String> parkFault = Optional.empty();

        /// How often it was to be parked.
        public final AtomicInteger parkings = new AtomicInteger();

        /// Whether it stood still, each time that it was saved.
        public final List<Boolean> saved = new CopyOnWriteArrayList<>();

        /// Of its processors' time.
        public int percent = 100;

        /// From and to its disks; 0 for no limit.
        public long diskBytesPerSecond;

        /// Processor time that it used.
        public long cpuNanos;

        FakeGuest(FakeHypervisor hypervisor, String name) {
            this.hypervisor = hypervisor;
            this.name = name;
        }

        @Override
        public String name() {
            return name;
        }

        @Override
        public ProcessId process() {
            return process;
        }

        @Override
        public FramePort card() {
            return GuestCard.STREAM.port(Path.of("/nonexistent/n"));
        }

        @Override
        public Path serialSocket() {
            return serial;
        }

        @Override
        public void resume() {
            suspended = false;
        }

        @Override
        public void suspend() {
            suspended = true;
        }

        @Override
        public void powerDown() {
            powerDowns.incrementAndGet();
        }

        @Override
        public void limitProcessors(int newPercent) {
            percent = newPercent;
        }

        @Override
        public void limitDisks(long bytesPerSecond) {
            diskBytesPerSecond = bytesPerSecond;
        }

        @Override
        public boolean isSuspended() {
            return suspended;
        }

        @Override
        public void park() throws IOException {
            parkings.incrementAndGet();
            if (parkFault.isPresent()) {
                throw new IOException(parkFault.get());
            }
            parked = true;
        }

        @Override
        public void save(OutputStream out) throws IOException {
            saved.add(suspended);
            out.write(("state of " + name).getBytes(StandardCharsets.UTF_8));
        }

        @Override
        public boolean isParked() {
            return parked;
        }

        @Override
        public boolean isAlive() {
            looks.incrementAndGet();
            return !parked && hypervisor.guests.containsKey(name);
        }

        @Override
        public VmEnd end() {
            return VmEnd.STOPPED;
        }

        @Override
        public long cpuNanos() {
            return cpuNanos;
        }

        @Override
        public void remove() throws IOException {
            hypervisor.purge(name);
        }
    }
}
