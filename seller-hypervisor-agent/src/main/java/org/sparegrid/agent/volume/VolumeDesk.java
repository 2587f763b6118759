// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.volume;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;
import org.sparegrid.protocol.LeaseId;
import org.sparegrid.protocol.VolumeId;
import org.sparegrid.protocol.control.AgentMessage;
import org.sparegrid.protocol.control.CoordinatorMessage;

/// Keeps volumes as the coordinator says, and their keys in memory for as long as a lease needs
/// them. Any thread may call.
public final class VolumeDesk implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(VolumeDesk.class.getName());

    private final VolumeStore store;
    private final Consumer<AgentMessage> outbox;
    private final Map<LeaseId, String> keys = new ConcurrentHashMap<>();

    /// Makes and removes files one after the other, in the order in which that was asked.
    private final ExecutorService worker =
            Executors.newSingleThreadExecutor(Thread.ofPlatform().name("volumes").factory());

    /// @param outbox takes messages for the coordinator
    public VolumeDesk(VolumeStore store, Consumer<AgentMessage> outbox) {
        this.store = store;
        this.outbox = outbox;
    }

    /// Makes room for a volume, and tells the coordinator; returns at once.
    public void keep(CoordinatorMessage.KeepVolume wanted) {
        work(() -> {
            VolumeId id = wanted.volume();
            try {
                store.make(id, wanted.gibibytes());
                LOG.log(System.Logger.Level.INFO, () -> "volume kept volume=" + id);
                outbox.accept(new AgentMessage.VolumeKept(id));
            } catch (IOException failed) {
                LOG.log(
                        System.Logger.Level.WARNING,
                        () -> "volume not made volume=" + id + " cause=" + failed);
                outbox.accept(new AgentMessage.VolumeGone(id, String.valueOf(failed.getMessage())));
            }
        });
    }

    /// Removes a volume as the coordinator says, and tells it; returns at once.
    public void drop(CoordinatorMessage.DropVolume unwanted) {
        work(() -> {
            try {
                remove(unwanted.volume(), unwanted.why());
            } catch (IOException failed) {
                // It is told again in the next session.
                LOG.log(
                        System.Logger.Level.WARNING,
                        () ->
                                "volume not removed volume="
                                        + unwanted.volume()
                                        + " cause="
                                        + failed);
            }
        });
    }

    /// Removes a volume, and tells the coordinator why it is gone.
    ///
    /// @throws IOException if it can't be removed
    public void remove(VolumeId id, String why) throws IOException {
        store.drop(id);
        LOG.log(System.Logger.Level.INFO, () -> "volume removed volume=" + id + " cause=" + why);
        outbox.accept(new AgentMessage.VolumeGone(id, why));
    }

    /// Takes the key of a lease's volume.
    public void open(CoordinatorMessage.OpenVolume key) {
        keys.put(key.lease(), key.key());
    }

    /// Whether the key of a lease's volume is here.
    public boolean hasKey(LeaseId lease) {
        return keys.containsKey(lease);
    }

    /// The key of a lease's volume, if it is here.
    public Optional<String> key(LeaseId lease) {
        return Optional.ofNullable(keys.get(lease));
    }

    /// The file of a volume that a guest is to have.
    public Path file(VolumeId id, String key) throws IOException {
        return store.open(id, key);
    }

    /// Forgets the key of a lease.
    public void forget(LeaseId lease) {
        keys.remove(lease);
    }

    /// What is kept.
    public List<VolumeStore.Kept> list() throws IOException {
        return store.list();
    }

    /// Whether a volume is kept.
    public boolean has(VolumeId id) throws IOException {
        return store.find(id).isPresent();
    }

    /// Waits for the file that is being made or removed.
    @Override
    public void close() {
        worker.close();
    }

    private void work(Runnable task) {
        try {
            worker.execute(task);
        } catch (RejectedExecutionException leaving) {
            LOG.log(System.Logger.Level.DEBUG, () -> "a volume's message came too late");
        }
    }
}
