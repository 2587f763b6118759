// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.hypervisor;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.sparegrid.agent.hypervisor.Confinement.Finding;
import org.sparegrid.agent.process.ProcessId;

class ConfinementTest {
    private static final String GOOD =
            "Uid:\t1000\t1000\t1000\t1000\nCapPrm:\t0000000000000000\n"
                    + "CapEff:\t0000000000000000\nCapBnd:\t0000000000000000\n"
                    + "NoNewPrivs:\t1\nSeccomp:\t2\n";

    @Test
    void acceptsAConfinedProcess() {
        assertThat(Confinement.status("QEMU", GOOD, true)).allMatch(Finding::holds);
    }

    @ParameterizedTest
    @CsvSource({
        "Uid:\t1000, Uid:\t0, QEMU is not root: user 0",
        "CapBnd:\t0, CapBnd:\t8, no capabilities: CapBnd 8000",
        "NoNewPrivs:\t1, NoNewPrivs:\t0, can't gain privileges: NoNewPrivs 0",
        "Seccomp:\t2, Seccomp:\t0, system call filter: Seccomp 0",
        "Seccomp:\t2, Other:\t2, system call filter: Seccomp missing",
    })
    void findsEachFault(String right, String wrong, String why) {
        List<Finding> findings = Confinement.status("QEMU", GOOD.replaceFirst(right, wrong), true);

        assertThat(new Confinement(findings).faults()).singleElement().asString().contains(why);
    }

    @Test
    void findsThatThisVeryProcessIsNotConfined() throws Exception {
        ProcessId self = ProcessId.of(ProcessHandle.current().pid()).orElseThrow();

        Confinement confinement = Confinement.of("this test", self, true);

        assertThat(confinement.holds()).isFalse();
        assertThat(confinement.faults()).anyMatch(fault -> fault.contains("network namespace"));
    }

    @Test
    void holdsNothingWithoutFindings() {
        assertThat(new Confinement(List.of()).holds()).isFalse();
    }

    @Test
    void readsTheInterfaces() {
        assertThat(Confinement.cards("Inter-|\n face |bytes\n    lo: 0 0\n  eth0: 1 2\n"))
                .containsExactly("lo", "eth0");
    }
}
