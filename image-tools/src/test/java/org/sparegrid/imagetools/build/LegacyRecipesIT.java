// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.imagetools.build;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.sparegrid.imagetools.progress.Progress;
import org.sparegrid.imagetools.recipe.Recipe;
import org.sparegrid.imagetools.recipe.RecipeTemplate;

/// Boots two machines of each grid template, which form the cluster by themselves and do work whose
/// result is checked. Minutes under emulation, so only with `-Dsparegrid.full=true`.
@Tag("root")
@Tag("vm")
class LegacyRecipesIT {
    private static final Duration BOOT_TIME_MAX = Duration.ofMinutes(15);
    private static final int TRIES_MAX = 120;

    /// The longest of them takes a minute on a machine that does nothing else.
    private static final Duration JOB_TIME_MAX = Duration.ofMinutes(10);

    private Path folder;

    @BeforeEach
    void makesAFolder() throws IOException {
        folder = Files.createTempDirectory("legacy-recipes-it");
    }

    @AfterEach
    void deletesTheFolder() throws Exception {
        Process remove =
                new ProcessBuilder("rm", "-rf", "--", folder.toString()).inheritIO().start();
        assertThat(remove.waitFor()).isZero();
    }

    /// What the first of two machines runs, and what that prints.
    private static String job(RecipeTemplate template) {
        return switch (template) {
            // The second card, by which the test talks to a machine, has one address on all.
            case OPENMPI ->
                    "cd; only=127.0.0.0/8,10.0.2.0/24; mpirun --mca btl_tcp_if_exclude $only"
                            + " --mca oob_tcp_if_exclude $only --host node1,node2 -np 2"
                            + " sh -c 'hostname >>/tmp/ran; exec hpcc' >/tmp/said 2>&1 || exit 1;"
                            + " grep -hE '^(CommWorldProcs|Success)=' hpccoutf.txt; cat /tmp/ran;"
                            + " ssh node2 cat /tmp/ran";
            case SLURM -> "srun -Q -N2 --mpi=none hostname 2>/tmp/said | sort | tr '\\n' ' '";
            case DISTCC ->
                    "cd /tmp; for i in 1 2 3 4; do echo \"int f$i(void) { return $i; }\" >f$i.c; done;"
                            + " export DISTCC_FALLBACK=0 DISTCC_HOSTS=node2/1;"
                            + " for i in 1 2 3 4; do distcc gcc -c f$i.c || exit 1; done;"
                            + " ls f?.o | wc -l; cat /etc/distcc/hosts";
            case POOL ->
                    "for i in 1 2 3; do gearman -h node1 -f run -- \"echo \\$(($i * 7))\"; done;"
                            + " gearadmin --workers | grep -c ' : run'";
            case PVM ->
                    "[ $(echo conf | pvm | grep -c '^ *node[12] ') = 2 ] || exit 1;"
                            + " master1 | tr ';' '\\n' | awk '/^I got/ {got = $3}"
                            + " /expecting/ {gsub(\")\", \"\"); n++; bad += got != $2}"
                            + " {all = n \" answers, \" bad + 0 \" wrong\"} END {print all}'";
            case BATCH ->
                    "for n in node1 node2; do ssh -o LogLevel=ERROR -o StrictHostKeyChecking=accept-new $n"
                            + " '[ \"$(cat /var/lib/batch/exit-code)\" = 0 ] || exit 1;"
                            + " cat /var/lib/batch/output' || exit 1; done | awk '{s += $1}"
                            + " END {if (NR == 2) print s; else exit 1}'";
            case EMPTY, BOINC -> throw new IllegalArgumentException("no cluster");
        };
    }

    private static String expected(RecipeTemplate template) {
        return switch (template) {
            case OPENMPI -> "Success=1\nCommWorldProcs=2\nnode1\nnode2\n";
            case SLURM -> "node1 node2 ";
            case DISTCC -> "4\nnode1/1\nnode2/1\n";
            case POOL -> "7\n14\n21\n2\n";
            case PVM -> "6 answers, 0 wrong\n";
            case BATCH -> "9592\n";
            case EMPTY, BOINC -> throw new IllegalArgumentException("no cluster");
        };
    }

    @ParameterizedTest
    @EnumSource(
            value = RecipeTemplate.class,
            names = {"OPENMPI", "SLURM", "DISTCC", "POOL", "PVM", "BATCH"})
    void twoMachinesFormAClusterAndWork(RecipeTemplate template) throws Exception {
        assumeThat(Boolean.getBoolean("sparegrid.full"))
                .as("two emulated machines take minutes; -Dsparegrid.full=true runs them")
                .isTrue();
        Recipe recipe = Recipe.parse(template.text("grid"), folder, "image.yaml");
        Path iso = folder.resolve("grid.iso");
        BuildSettings settings = BuildSettings.of(System.getenv());
        new ImageBuilder(settings).build(recipe, iso, Progress.NONE);

        List<Guest> guests = new ArrayList<>();
        try {
            int port = 20_000 + (int) (ProcessHandle.current().pid() % 10_000);
            for (int rank = 0; rank < 2; rank++) {
                Path own = Files.createDirectory(folder.resolve("guest" + rank));
                guests.add(Guest.startMember(iso, rank, 2, port, own));
            }
            for (Guest guest : guests) {
                guest.awaitSsh(BOOT_TIME_MAX);
            }
            shareAKey(guests);
            assertThat(untilItWorks(guests.getFirst(), job(template)))
                    .isEqualTo(expected(template));
        } finally {
            guests.forEach(Guest::close);
        }
    }

    /// As `sparegrid run` does.
    private static void shareAKey(List<Guest> guests) throws Exception {
        Guest first = guests.getFirst();
        first.run("ssh-keygen -q -t ed25519 -N '' -f /root/key");
        String secret = first.run("base64 -w0 /root/key");
        String open = first.run("cat /root/key.pub").strip();
        for (Guest guest : guests) {
            guest.run(
                    "umask 077; echo "
                            + secret
                            + " | base64 -d >/root/.ssh/id_ed25519; echo '"
                            + open
                            + "' >>/root/.ssh/authorized_keys");
        }
    }

    private static String untilItWorks(Guest guest, String job) throws Exception {
        AssertionError last = new AssertionError("not tried");
        for (int i = 0; i < TRIES_MAX; i++) {
            try {
                return guest.run(
                        "timeout "
                                + JOB_TIME_MAX.toSeconds()
                                + " sh -c '"
                                + job.replace("'", "'\\''")
                                + "'");
            } catch (AssertionError notYet) {
                last = notYet;
                TimeUnit.SECONDS.sleep(2);
            }
        }
        throw new AssertionError(guest.run("journalctl -b --no-pager | tail -60"), last);
    }
}
