// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.limit;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.EnumMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.sparegrid.agent.process.ProcessId;

/// A control group for each guest, for the resources whose groups this program may make.
///
/// Any thread may call. Groups outlive this program, as guests do.
///
/// Source: Documentation/admin-guide/cgroup-v2.rst and cgroup-v1/ of the kernel.
public final class ControlGroups {
    /// The span over which the kernel counts processors' time, in microseconds.
    private static final long PERIOD_MICROS = 100_000;

    /// The name that systemd gives the service's own group, so that there may be others beside it.
    /// Source: DelegateSubgroup= in systemd.resource-control(5), and our unit.
    private static final String OWN_GROUP = "agent";

    /// What the group around the agent and all guests may weigh, beside 100 (version 2) or 1024
    /// (version 1) of any other: a hundredth. Not nothing, so that the agent still answers its
    /// coordinator while the owner's work takes all processors. In version 2 the unit says so, or
    /// that of the slice around it; the folder of guests weighs as little beside the agent.
    private static final int WEIGHT_MAX = 1;

    private static final int SHARES_MAX = 10;

    private final Path proc;
    private final String folderName;
    private final Map<Resource, Place> places = new EnumMap<>(Resource.class);

    private ControlGroups(Path proc, String folderName) {
        this.proc = proc;
        this.folderName = folderName;
    }

    /// Looks for the groups that this program may make; makes the folder for them.
    ///
    /// @param tag tells this agent from others on the computer, 1 to 16 of a-z and 0-9
    public static ControlGroups find(String tag) {
        return find(Path.of("/proc"), tag);
    }

    static ControlGroups find(Path proc, String tag) {
        ControlGroups groups = new ControlGroups(proc, "sparegrid-" + tag);
        for (Resource resource : Resource.values()) {
            groups.places.put(resource, groups.place(resource));
        }
        return groups;
    }

    /// Why guests can't be held to a resource by groups, if they can't.
    public Optional<String> missing(Resource resource) {
        return place(resource) instanceof Place.Nowhere(String why)
                ? Optional.of(why)
                : Optional.empty();
    }

    /// Why guests may get in the way of the owner's programs although they have idle groups, if
    /// they may: a group ranks among its neighbours only, so that the one around all guests counts,
    /// too.
    public Optional<String> rival() {
        try {
            return switch (known(Resource.CPU)) {
                case Place.Old(Path folder) ->
                        rival(folder.resolveSibling("cpu.shares"), SHARES_MAX);
                case Place.New(Path folder) ->
                        rival(folder.resolveSibling("cpu.weight"), WEIGHT_MAX);
                case Place.Nowhere _ -> Optional.empty();
            };
        } catch (IOException unreadable) {
            return Optional.of("its weight can't be read: " + unreadable.getMessage());
        }
    }

    /// One that gives way is enough, and whatever is in it gives way with it: a slice around the
    /// service, for instance.
    private static Optional<String> rival(Path weight, int most) throws IOException {
        Optional<String> nearest = Optional.empty();
        // The tree's root has no weight.
        for (Path group = weight.getParent();
                group != null && Files.exists(group.resolve(weight.getFileName()));
                group = group.getParent()) {
            Path here = group.resolve(weight.getFileName());
            Path idle = group.resolve("cpu.idle");
            String found = Files.readString(here).strip();
            boolean idles = Files.exists(idle) && Files.readString(idle).strip().equals("1");
            if (idles || (found.matches("[0-9]{1,3}") && Integer.parseInt(found) <= most)) {
                return Optional.empty();
            }
            nearest =
                    nearest.or(() ->
                            Optional.of(here + " is " + found + ", expected at most " + most));
        }
        return nearest;
    }

    /// Puts a process with all its threads into its guest's groups, with no limit yet.
    public void join(String guest, ProcessId process) throws IOException {
        Set<Path> joined = new LinkedHashSet<>();
        for (Resource resource : Resource.values()) {
            Optional<Path> group = group(resource, guest);
            if (group.isPresent() && joined.add(group.get())) {
                Files.createDirectories(group.get());
                write(group.get(), "cgroup.procs", String.valueOf(process.pid()));
            }
        }
    }

    /// Lets everything else have the processors first.
    public void yieldProcessors(String guest) throws IOException {
        Optional<Path> group = group(Resource.CPU, guest);
        if (group.isPresent()) {
            if (Files.exists(group.get().resolve("cpu.idle"))) {
                write(group.get(), "cpu.idle", "1");
            } else if (known(Resource.CPU) instanceof Place.New) {
                write(group.get(), "cpu.weight", "1");
            } else {
                write(group.get(), "cpu.shares", "2");
            }
        }
    }

    /// Lets a guest compete for the processors as any program does, until [#yieldProcessors].
    public void compete(String guest) throws IOException {
        Optional<Path> group = group(Resource.CPU, guest);
        if (group.isPresent() && Files.exists(group.get().resolve("cpu.idle"))) {
            write(group.get(), "cpu.idle", "0");
        }
    }

    /// Limits processors' time to that of so many processors; 0 for no limit.
    public void processors(String guest, double processors) throws IOException {
        Optional<Path> group = group(Resource.CPU, guest);
        if (group.isPresent()) {
            // The kernel takes no less than a millisecond.
            long quota = processors == 0 ? 0 : Math.max(1000, (long) (processors * PERIOD_MICROS));
            if (known(Resource.CPU) instanceof Place.New) {
                write(
                        group.get(),
                        "cpu.max",
                        (quota == 0 ? "max" : String.valueOf(quota)) + " " + PERIOD_MICROS);
            } else {
                write(group.get(), "cpu.cfs_period_us", String.valueOf(PERIOD_MICROS));
                write(group.get(), "cpu.cfs_quota_us", quota == 0 ? "-1" : String.valueOf(quota));
            }
        }
    }

    /// Limits memory; the kernel ends a process that needs more.
    public void memory(String guest, long bytes) throws IOException {
        Optional<Path> group = group(Resource.MEMORY, guest);
        if (group.isPresent()) {
            write(
                    group.get(),
                    known(Resource.MEMORY) instanceof Place.New
                            ? "memory.max"
                            : "memory.limit_in_bytes",
                    String.valueOf(bytes));
        }
    }

    /// Limits how many processes and threads there are.
    public void tasks(String guest, int most) throws IOException {
        Optional<Path> group = group(Resource.TASKS, guest);
        if (group.isPresent()) {
            write(group.get(), "pids.max", String.valueOf(most));
        }
    }

    /// Removes a guest's groups, which must be empty. Again and again if need be.
    public void remove(String guest) throws IOException {
        for (Resource resource : Resource.values()) {
            Optional<Path> group = group(resource, guest);
            if (group.isPresent()) {
                Files.deleteIfExists(group.get());
            }
        }
    }

    /// Removes the folder that was made for guests' groups, once there are none.
    public void removeAll() throws IOException {
        for (Resource resource : Resource.values()) {
            Optional<Path> group = group(resource, ".");
            if (group.isPresent()) {
                Files.deleteIfExists(group.get().normalize());
            }
        }
    }

    private Place known(Resource resource) {
        return places.getOrDefault(resource, new Place.Nowhere("not looked for"));
    }

    private Optional<Path> group(Resource resource, String guest) {
        return switch (known(resource)) {
            case Place.Old(Path folder) -> Optional.of(folder.resolve(guest));
            case Place.New(Path folder) -> Optional.of(folder.resolve(guest));
            case Place.Nowhere _ -> Optional.empty();
        };
    }

    private Place place(Resource resource) {
        Place known = places.get(resource);
        if (known != null) {
            return known;
        }
        try {
            Mounts mounts = Mounts.read(proc);
            Optional<Path> old = mounts.old("self", resource);
            if (old.isPresent()) {
                Path folder = old.get().resolve(folderName);
                Files.createDirectories(folder);
                if (resource == Resource.CPU) {
                    giveWay(old.get());
                }
                return new Place.Old(folder);
            }
            Optional<Path> unified = mounts.unified("self");
            return unified.isPresent()
                    ? unified(unified.get(), resource)
                    : new Place.Nowhere("the kernel shows no control groups for it");
        } catch (IOException notOurs) {
            return new Place.Nowhere("this program may not make control groups for it");
        }
    }

    /// Has the group that this program was started in, and all guests with it, give way to other
    /// groups, unless somebody else's programs are in it, too.
    private void giveWay(Path own) throws IOException {
        Path shares = own.resolve("cpu.shares");
        if (Files.isWritable(shares)
                && rival(shares, SHARES_MAX).isPresent()
                && Files.readString(own.resolve("cgroup.procs"))
                        .strip()
                        .equals(String.valueOf(ProcessHandle.current().pid()))) {
            write(own, "cpu.shares", String.valueOf(SHARES_MAX));
        }
    }

    /// A group of version 2 has either processes or groups with controllers: ours must lie beside
    /// the one that this program is in.
    private Place unified(Path own, Resource resource) throws IOException {
        Path parent = own.getParent();
        if (parent == null || !OWN_GROUP.equals(String.valueOf(own.getFileName()))) {
            return new Place.Nowhere(
                    "this program has no control group to divide; as a service of systemd 254 or"
                            + " newer it has (sparegrid-agent service install)");
        }
        String controllers = Files.readString(parent.resolve("cgroup.controllers"));
        if (!Set.of(controllers.strip().split(" ", -1)).contains(resource.controller())) {
            return new Place.Nowhere("systemd does not hand control groups for it to this user");
        }
        Path folder = parent.resolve(folderName);
        write(parent, "cgroup.subtree_control", "+" + resource.controller());
        Files.createDirectories(folder);
        write(folder, "cgroup.subtree_control", "+" + resource.controller());
        if (resource == Resource.CPU) {
            // Guests, whose groups are idle, rank last among themselves only.
            write(folder, "cpu.weight", String.valueOf(WEIGHT_MAX));
        }
        return new Place.New(folder);
    }

    private static void write(Path group, String file, String value) throws IOException {
        try {
            Files.writeString(group.resolve(file), value, StandardOpenOption.WRITE);
        } catch (IOException refused) {
            throw new IOException(
                    "control group: writing "
                            + value
                            + " to "
                            + group.resolve(file)
                            + ": "
                            + refused.getMessage(),
                    refused);
        }
    }
}
