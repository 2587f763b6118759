// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.sparegrid.agent.config.Folders;
import org.sparegrid.agent.config.SettingsFile;

class FolderChecksTest {
    @TempDir private Path folder = Path.of("/nonexistent");

    private Folders folders = new Folders(folder, folder);
    private FakeHost host = null;

    @BeforeEach
    void makeAHome() throws Exception {
        folders = new Folders(folder.resolve("home/agent.toml"), folder.resolve("home"));
        folders.create();
        host = new FakeHost(folder.resolve("root"));
        host.userId = FakeHost.owner();
    }

    private Findings examine(boolean mend) throws Exception {
        Findings findings = new Findings(mend);
        FolderChecks checks = new FolderChecks(host, folders, findings);
        var settings = checks.settings();
        if (checks.folders()) {
            checks.secrets();
            checks.disk(settings);
            checks.journal();
        }
        return findings;
    }

    private Finding found(boolean mend) throws Exception {
        var found =
                examine(mend).all().stream()
                        .filter(finding -> finding.level() != Finding.Level.OK)
                        .toList();
        assertThat(found).hasSize(1);
        return found.getFirst();
    }

    private void mends(String id) throws Exception {
        assertThat(found(false).id()).isEqualTo(id);
        assertThat(found(false).mended()).isFalse();
        assertThat(found(true).mended()).isTrue();
        assertThat(examine(false).has(id)).isFalse();
    }

    private void permit(String file, String permissions) throws Exception {
        Files.setPosixFilePermissions(
                folders.data().resolve(file), PosixFilePermissions.fromString(permissions));
    }

    @Test
    void findsNothingWrongInAGoodHome() throws Exception {
        assertThat(examine(false).all()).allMatch(f -> f.level() == Finding.Level.OK);
    }

    @Test
    void findsBadSettings() throws Exception {
        Files.writeString(folders.settings(), "slots = 0\n");
        Finding finding = found(false);

        assertThat(finding.id()).isEqualTo("settings-bad");
        assertThat(finding.text()).contains("slots: expected a number from 1 to 100");
        assertThat(finding.fix()).isEqualTo("edit " + folders.settings());
    }

    @Test
    void closesSettingsThatOthersMayChange() throws Exception {
        SettingsFile.create(folders.settings());
        permit("agent.toml", "rw-rw-rw-");
        mends("settings-open");
    }

    @Test
    void closesAKeyThatOthersMayRead() throws Exception {
        Files.writeString(folders.data().resolve("identity.json"), "{}");
        permit("identity.json", "rw-r--r--");
        mends("key-open");
    }

    @Test
    void removesWhatIsDamagedInTheJournal() throws Exception {
        Files.writeString(folders.journal().resolve("l1.json.damaged"), "x");
        mends("journal-damaged");
    }

    @Test
    void removesHugeLogs() throws Exception {
        Path log = folders.data().resolve("log/libvirtd.log");
        Files.createDirectories(log.resolveSibling("."));
        try (var file = new java.io.RandomAccessFile(log.toFile(), "rw")) {
            file.setLength(65L << 20);
        }
        mends("log-large");
    }

    @Test
    void findsAFolderOfSomebodyElse() throws Exception {
        host.userId = FakeHost.owner() + 1;

        assertThat(found(false).id()).isEqualTo("folder-foreign");
    }

    @Test
    void findsThatTheDiskIsFull() throws Exception {
        host.freeBytes = 1L << 30;

        assertThat(found(false).id()).isEqualTo("disk-low");
    }

    @Test
    void findsACacheLargerThanTheDisk() throws Exception {
        host.freeBytes = 10L << 30;
        Finding finding = found(false);

        assertThat(finding.id()).isEqualTo("cache-large");
        assertThat(finding.fix()).isEqualTo("sparegrid-agent offer set image-cache=\"5 GiB\"");
    }
}
