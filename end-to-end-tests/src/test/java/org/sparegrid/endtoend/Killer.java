// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.sparegrid.endtoend.KillTable.Kill;
import org.sparegrid.endtoend.KillTable.Victim;

/// Runs a seller's agent, kills it and what belongs to it, and starts what a computer's service
/// would start again.
final class Killer {
    private static final long RESTART_SECONDS = 5;

    private final Deployment deployment;
    private final SellerFiles seller;
    private final Random random;
    private final List<Victim> deck = new ArrayList<>();
    private volatile boolean ended;
    private Process agent;

    Killer(Deployment deployment, SellerFiles seller, Random random) throws IOException {
        this.deployment = deployment;
        this.seller = seller;
        this.random = random;
        this.agent = deployment.startAgent();
        Thread.ofPlatform().daemon().name("service").start(this::startAgain);
    }

    /// What systemd does with the service that `sparegrid-agent service install` makes: an agent
    /// that failed is started again after 5 s.
    private void startAgain() {
        try {
            while (!ended) {
                TimeUnit.SECONDS.sleep(RESTART_SECONDS);
                synchronized (this) {
                    if (!ended && !agent.isAlive()) {
                        System.out.println("kills: the agent ended with " + agent.exitValue());
                        agent = deployment.startAgent();
                    }
                }
            }
        } catch (IOException | InterruptedException broken) {
            throw new IllegalStateException("the agent can't be started again", broken);
        }
    }

    /// Who is next; none comes again before all had their turn.
    Victim draw() {
        if (deck.isEmpty()) {
            deck.addAll(List.of(Victim.values()));
            Collections.shuffle(deck, random);
        }
        return deck.removeLast();
    }

    /// Kills now.
    synchronized Kill kill(Victim victim, boolean ending) throws Exception {
        List<SellerFiles.Entry> journal = seller.journal();
        String stage = journal.isEmpty() ? "none" : stage(journal.getFirst());
        boolean saved = seller.hasCheckpoint();
        boolean hit = false;
        if (victim.hitsAgent()) {
            agent.destroyForcibly();
        }
        if (victim.hitsLibvirtd()) {
            deployment.processes("libvirtd").forEach(ProcessHandle::destroyForcibly);
        }
        if (victim.hitsGuest()) {
            // The agent's test guest is one, too.
            List<ProcessHandle> machines = deployment.processes("qemu-system");
            hit = machines.stream().anyMatch(SellerFiles::isGuest);
            machines.forEach(ProcessHandle::destroyForcibly);
        }
        if (victim.hitsAgent()) {
            agent.waitFor();
            if (victim == Victim.COMPUTER) {
                hit |= endAll();
                deployment.startAnew();
            }
            agent = deployment.startAgent();
        }
        return new Kill(victim, stage, hit, saved, ending);
    }

    /// The journal knows no stage of its own for a guest on its network that stands still.
    private static String stage(SellerFiles.Entry lease) {
        boolean still = lease.standsStill() && lease.stage().equals("ON_NETWORK");
        return still ? KillTable.STILL : lease.stage();
    }

    /// Ends the agent as its owner would.
    synchronized void end() throws InterruptedException {
        ended = true;
        agent.destroy();
        assertThat(agent.waitFor(5, TimeUnit.MINUTES)).as("the agent ends").isTrue();
    }

    /// Kills the seller's processes until none is left: one that libvirtd was about to start may
    /// have outlived it.
    ///
    /// @return whether a guest was among them
    private boolean endAll() throws InterruptedException {
        boolean guest = false;
        List<ProcessHandle> alive = deployment.processes("/seller");
        for (int i = 0; i < 600 && !alive.isEmpty(); i++) {
            guest |= alive.stream().anyMatch(SellerFiles::isGuest);
            alive.forEach(ProcessHandle::destroyForcibly);
            TimeUnit.MILLISECONDS.sleep(50);
            alive = deployment.processes("/seller");
        }
        assertThat(alive).as("the seller's processes after the computer ended").isEmpty();
        return guest;
    }
}
