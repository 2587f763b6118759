// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.sparegrid.agent.process.Tool;

class SystemChecksTest {
    @TempDir private Path folder = Path.of("/nonexistent");

    private FakeHost host = null;

    @BeforeEach
    void installEverything() throws Exception {
        host = new FakeHost(folder);
    }

    private Findings examine() throws Exception {
        Findings findings = new Findings(false);
        SystemChecks checks = new SystemChecks(host, findings);
        if (checks.user()) {
            checks.java();
            checks.programs();
            checks.namespaces();
            checks.hardening();
        }
        return findings;
    }

    private void finds(String id, String fix) throws Exception {
        assertThat(examine().all())
                .filteredOn(finding -> finding.level() != Finding.Level.OK)
                .singleElement()
                .satisfies(finding -> {
                    assertThat(finding.id()).isEqualTo(id);
                    assertThat(finding.fix()).contains(fix);
                });
    }

    @Test
    void findsNothingWrongOnAGoodComputer() throws Exception {
        assertThat(examine().all())
                .isNotEmpty()
                .allMatch(finding -> finding.level() == Finding.Level.OK);
    }

    @Test
    void findsThatItIsRoot() throws Exception {
        host.userId = 0;
        finds("user-root", "su - USER");
    }

    @Test
    void findsThatThereIsNoUefi() throws Exception {
        Files.delete(host.file("/usr/share/OVMF/OVMF_CODE_4M.fd"));
        finds("uefi-missing", "apt-get install ovmf");
    }

    @Test
    void findsThatJavaIsOld() throws Exception {
        host.javaRelease = 21;
        finds("java-old", "apt-get install openjdk-25");
    }

    @Test
    void findsEachMissingProgram() throws Exception {
        Map<String, String> programs =
                Map.of(
                        "qemu-system-x86_64", "qemu-missing",
                        "qemu-img", "qemu-img-missing",
                        "libvirtd", "libvirtd-missing",
                        "bwrap", "bubblewrap-missing");
        for (Map.Entry<String, String> program : programs.entrySet()) {
            host.missing.clear();
            host.missing.add(program.getKey());
            finds(program.getValue(), "sudo apt-get install ");
        }
    }

    @Test
    void findsThatQemuIsOld() throws Exception {
        host.answers.put(
                "qemu-system-x86_64", new Tool.Answer(0, "QEMU emulator version 6.2.0 (Debian)"));
        finds("qemu-old", "upgrade");
    }

    @Test
    void findsWhyNamespacesAreRefused() throws Exception {
        host.answers.put("bwrap", new Tool.Answer(1, "bwrap: Operation not permitted"));
        finds("namespaces-refused", "container");
        host.write("/proc/sys/kernel/unprivileged_userns_clone", "0\n");
        finds("namespaces-clone", "kernel.unprivileged_userns_clone=1");
        host.write("/proc/sys/kernel/apparmor_restrict_unprivileged_userns", "1\n");
        finds("namespaces-apparmor", "apparmor_restrict_unprivileged_userns=0");
        host.write("/proc/sys/user/max_user_namespaces", "0\n");
        finds("namespaces-none", "user.max_user_namespaces=");
    }

    @Test
    void findsWhatWeakensTheWall() throws Exception {
        host.write("/sys/kernel/mm/ksm/run", "1\n");
        finds("ksm-on", "ksm/run");
        host.write("/sys/kernel/mm/ksm/run", "0\n");
        host.write("/proc/swaps", "Filename\n/dev/zram0 partition\n/dev/sda2 partition 1 0 -2\n");
        finds("swap-on", "swapoff");
        host.write("/proc/swaps", "Filename\n/dev/zram0 partition\n");
        host.write("/sys/devices/system/cpu/vulnerabilities/meltdown", "Vulnerable\n");
        host.write("/sys/devices/system/cpu/vulnerabilities/mds", "Mitigation: x\n");
        finds("cpu-vulnerable", "microcode");
    }
}
