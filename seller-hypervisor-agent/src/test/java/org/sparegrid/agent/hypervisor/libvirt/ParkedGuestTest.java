// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.hypervisor.libvirt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.sparegrid.agent.config.Folders;
import org.sparegrid.agent.selling.Hypervisors;

class ParkedGuestTest {
    @TempDir Path folder;

    /// The folder for sockets is below `/tmp` if the home's path is long, and many systems clear
    /// that when they start.
    @ParameterizedTest
    @ValueSource(ints = {1, 20, 60, 120})
    void liesWhereAStartOfTheComputerClearsNothing(int length) {
        Folders folders = Folders.of("/home/" + "a".repeat(length), Map.of());
        Layout layout = Hypervisors.layout(folders);

        Path file = layout.parked("vm-aaaaaaaaaaaa").file();
        assertThat(file.startsWith(folders.data())).isTrue();
        assertThat(file.startsWith(folders.runtime())).isFalse();

        // libvirtd finds that folder by a short path, since its sockets are there, too.
        Sandbox sandbox = new Sandbox(layout, Path.of("/bwrap"), Path.of("/libvirtd"), false);
        String seen = sandbox.environment().get("XDG_CONFIG_HOME");
        String state = layout.state().toString();
        List<String> command = sandbox.command();
        int below =
                Collections.indexOfSubList(
                        command, List.of("--bind", folders.guests().toString(), seen));
        assertThat(seen).startsWith(state + "/").hasSizeLessThan(state.length() + 4);
        assertThat(below)
                .isGreaterThan(Collections.indexOfSubList(command, List.of("--bind", state, state)))
                .isPositive();
        assertThat(folders.guests().resolve("libvirt/qemu/save/vm-aaaaaaaaaaaa.save"))
                .isEqualTo(file);
    }

    @Test
    void mayBeReadByItsOwnerAlone() throws Exception {
        Path base = Files.createDirectory(folder.resolve("x".repeat(60)));
        Layout layout = Hypervisors.layout(new Folders(base.resolve("agent.toml"), base));
        Layout made =
                new Layout(
                        Path.of(folder.toString(), "v"),
                        layout.kept(),
                        folder.resolve("l"),
                        layout.disks(),
                        layout.images(),
                        folder.resolve("n"),
                        layout.log());
        made.create();
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(made.kept())))
                .isEqualTo("rwx------");
    }

    /// libvirt removes a file that was cut off and boots the guest anew, as if nothing had been.
    @Test
    void isNotTakenForWholeWhenThePowerFailedWhileItWasWritten() throws Exception {
        Path file = folder.resolve("vm.save");
        ParkedGuest parked = new ParkedGuest(file);
        assertThat(parked.isWhole()).as("none").isFalse();
        for (String start : List.of("", "LibvirtQemud", "LibvirtQemudPart and memory")) {
            Files.writeString(file, start);
            assertThat(parked.isWhole()).as(start).isFalse();
        }
        Files.writeString(file, "LibvirtQemudSave and memory");
        assertThat(parked.isWhole()).isTrue();
        assertThatCode(parked::sync).doesNotThrowAnyException();

        Path link = folder.resolve("link.save");
        Files.createSymbolicLink(link, file);
        assertThat(new ParkedGuest(link).isWhole()).as("a link of a hostile QEMU").isFalse();

        parked.delete();
        parked.delete();
        assertThat(file).doesNotExist();
    }

    @Test
    void isRefusedWhereTheDiskHasNoRoom() {
        ParkedGuest parked = new ParkedGuest(folder.resolve("not/yet/made.save"));
        assertThatThrownBy(() -> parked.requireRoom(1L << 60))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("parking a guest of 1099511627776 MiB: expected ")
                .hasMessageContaining("MiB free in " + folder);
    }
}
