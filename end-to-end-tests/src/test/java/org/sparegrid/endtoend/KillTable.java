// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.endtoend;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;

/// What was killed when, and what became of it.
final class KillTable {
    /// On its network, held back or being saved.
    static final String STILL = "STILL";

    /// Who is killed.
    enum Victim {
        AGENT,
        LIBVIRTD,
        AGENT_AND_LIBVIRTD,
        QEMU,
        /// All at once, and the computer starts anew.
        COMPUTER;

        boolean hitsAgent() {
            return this == AGENT || this == AGENT_AND_LIBVIRTD || this == COMPUTER;
        }

        boolean hitsLibvirtd() {
            return this == LIBVIRTD || this == AGENT_AND_LIBVIRTD || this == COMPUTER;
        }

        boolean hitsGuest() {
            return this == QEMU || this == COMPUTER;
        }
    }

    /// What became of a machine that was hit.
    enum Outcome {
        /// The same QEMU goes on, or its start does.
        WENT_ON,
        /// It came back from its checkpoint.
        CAME_BACK,
        /// It is gone; its buyer was told, and pays no more.
        LOST,
        /// It was lost already, or about to end, and did.
        ENDED
    }

    /// One kill.
    ///
    /// @param stage where the agent's journal had the lease
    /// @param hitGuest whether a lease's QEMU died of it
    /// @param saved whether there was a checkpoint
    /// @param ending whether its buyer had asked for its end
    record Kill(Victim victim, String stage, boolean hitGuest, boolean saved, boolean ending) {}

    private final Map<Kill, Outcome> outcomes = new java.util.IdentityHashMap<>();
    private final List<Kill> kills = new ArrayList<>();

    /// Notes what was just killed.
    void add(int life, int afterMillis, Kill kill) {
        kills.add(kill);
        System.out.printf(
                Locale.ROOT,
                "kills: %3d life %3d +%5d ms %-18s %-10s%s%s%s%n",
                kills.size(),
                life,
                afterMillis,
                kill.victim(),
                kill.stage(),
                kill.hitGuest() ? " hits the guest" : "",
                kill.saved() ? ", which is saved" : "",
                kill.ending() ? ", while it ends" : "");
    }

    /// Notes what became of it.
    void resolve(Kill kill, Outcome outcome) {
        outcomes.put(kill, outcome);
    }

    int size() {
        return kills.size();
    }

    /// Prints who was killed at which stage, and what became of it.
    void print() {
        print("killed while the lease was", Kill::stage);
        print("what became of the machine", kill -> outcomes.get(kill) + "");
    }

    private void print(String title, Function<Kill, String> column) {
        Map<String, Map<Victim, Integer>> counts = new TreeMap<>();
        for (Kill kill : kills) {
            counts.computeIfAbsent(column.apply(kill), _ -> new EnumMap<>(Victim.class))
                    .merge(kill.victim(), 1, Integer::sum);
        }
        StringBuilder text = new StringBuilder("kills: " + title + "\n");
        text.append(String.format(Locale.ROOT, "kills: | %-12s", ""));
        for (Victim victim : Victim.values()) {
            text.append(" | ").append(victim);
        }
        text.append(" |\n");
        counts.forEach((name, row) -> {
            text.append(String.format(Locale.ROOT, "kills: | %-12s", name));
            for (Victim victim : Victim.values()) {
                text.append(" | ").append(row.getOrDefault(victim, 0));
            }
            text.append(" |\n");
        });
        System.out.print(text);
    }
}
