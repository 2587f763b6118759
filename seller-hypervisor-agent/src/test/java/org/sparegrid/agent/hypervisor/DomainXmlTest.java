// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.hypervisor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.sparegrid.imagetools.iso.BootMode;
import org.sparegrid.protocol.market.Acceleration;
import org.sparegrid.protocol.market.MachineSize;

class DomainXmlTest {
    private static final VmPaths PATHS =
            VmPaths.in(Path.of("/r/l/vm-abcdefghijkl"), Path.of("/r/d/vm-abcdefghijkl"));

    private static VmSpec spec(Acceleration acceleration, int disk, List<Disc> image) {
        return new VmSpec(
                "vm-abcdefghijkl",
                new MachineSize(2, 768, disk),
                acceleration,
                image,
                "02:00:00:00:00:01",
                1370,
                image.isEmpty() ? List.of() : List.of("io.systemd.credential:a=<'&\">"));
    }

    @Test
    void writesAnEmulatedGuestWithADisk() throws Exception {
        VmSpec spec =
                spec(Acceleration.EMULATION, 1024, List.of(new Disc.File(Path.of("/i/o's,a.iso"))));

        assertThat(DomainXml.render(spec, PATHS)).isEqualTo(golden("emulated.xml"));
    }

    @Test
    void writesAGuestUnderKvmWithoutAnything() throws Exception {
        VmSpec spec = spec(Acceleration.KVM, 0, List.of());

        assertThat(DomainXml.render(spec, PATHS)).isEqualTo(golden("kvm.xml"));
    }

    @Test
    void aCardByVhostUserSharesTheMemoryAndHasNoMsiX() {
        VmSpec spec =
                new VmSpec(
                        "vm-abcdefghijkl",
                        new MachineSize(1, 256, 0),
                        Acceleration.EMULATION,
                        List.of(),
                        "02:00:00:00:00:01",
                        1370,
                        List.of("a<qemu:arg value='vhost-user,"),
                        List.of(),
                        GuestCard.VHOST_USER,
                        BootMode.BIOS);
        VmPaths odd = VmPaths.in(Path.of("/r/l,'a"), Path.of("/r/d"));
        String xml = DomainXml.render(spec, odd);
        assertThat(xml)
                .contains("<nosharepages/><source type='memfd'/><access mode='shared'/>")
                .contains("<qemu:arg value='socket,id=sgc,server=on,path=/r/l,,&apos;a/n'/>")
                .contains("<qemu:arg value='vhost-user,id=sg0,chardev=sgc'/>")
                .contains(
                        "romfile=,vectors=0,status=off,ctrl_guest_offloads=off,"
                                + "rx_queue_size=1024'/>")
                .doesNotContain("stream,id=sg0");
        assertThat(GuestCard.of(xml)).isEqualTo(GuestCard.VHOST_USER);
    }

    @Test
    void aTextOfTheBuyersChangesNoCard() {
        VmSpec spec =
                new VmSpec(
                        "vm-a",
                        new MachineSize(1, 256, 0),
                        Acceleration.KVM,
                        List.of(),
                        "02:00:00:00:00:01",
                        1370,
                        List.of("<qemu:arg value='vhost-user,id=sg0"));
        String xml = DomainXml.render(spec, PATHS);
        assertThat(xml).contains("stream,id=sg0").doesNotContain("memfd");
        assertThat(GuestCard.of(xml)).isEqualTo(GuestCard.STREAM);
    }

    @Test
    void uefiIsFoundByLibvirtAndChecksNoSignatures() {
        VmSpec spec =
                new VmSpec(
                        "vm-a",
                        new MachineSize(1, 256, 0),
                        Acceleration.KVM,
                        List.of(),
                        "02:00:00:00:00:01",
                        1370,
                        List.of("a"),
                        List.of(),
                        GuestCard.STREAM,
                        BootMode.UEFI);
        assertThat(DomainXml.render(spec, PATHS))
                .contains(
                        "<os firmware='efi'>",
                        "<firmware><feature enabled='no' name='secure-boot'/></firmware>"
                                + "<smbios mode='sysinfo'/>")
                .doesNotContain("<bios");
    }

    @Test
    void namesAGuestTheSameEachTime() {
        assertThat(DomainXml.uuid("vm-a")).isEqualTo(DomainXml.uuid("vm-a"));
        assertThat(DomainXml.uuid("vm-a")).isNotEqualTo(DomainXml.uuid("vm-b"));
    }

    @ParameterizedTest
    @CsvSource({
        "vm'/><x, 02:00:00:00:00:01, 1370, a, expected a name",
        "vm-a, 02:00:00:00:00:0g, 1370, a, expected a MAC",
        "vm-a, '02:00:00:00:00:01,x=y', 1370, a, expected a MAC",
        "vm-a, 02:00:00:00:00:01, 100, a, expected an MTU",
        "vm-a, 02:00:00:00:00:01, 1370, ä, printable",
    })
    void refusesWhatDoesNotBelongIntoXml(String name, String mac, int mtu, String oem, String why) {
        assertThatThrownBy(() ->
                        new VmSpec(
                                name,
                                new MachineSize(1, 128, 0),
                                Acceleration.KVM,
                                List.of(),
                                mac,
                                mtu,
                                List.of(oem)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(why);
    }

    private static String golden(String name) throws IOException {
        try (InputStream in = DomainXmlTest.class.getResourceAsStream(name)) {
            return new String(
                    Objects.requireNonNull(in, name).readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    @Test
    void aDiscThatIsServedWaitsForItsServer() {
        VmSpec spec =
                spec(Acceleration.KVM, 0, List.of(new Disc.Served(Path.of("/r/i/0a'b"), "disc")));
        assertThat(DomainXml.render(spec, PATHS))
                .contains("<disk type='network' device='cdrom'>")
                .contains(
                        "<source protocol='nbd' name='disc'>"
                                + "<host transport='unix' socket='/r/i/0a&apos;b'/>"
                                + "<reconnect delay='3600'/></source>");
        assertThatThrownBy(() -> new Disc.Served(Path.of("/r"), "a' b"))
                .hasMessageContaining("expected a name of a-z");
    }

    /// The key is in the pipe alone: libvirt writes definitions into files, and commands into logs.
    @Test
    void aVolumeIsOpenedWithAKeyFromAPipeThatNothingNames() {
        VmSpec spec =
                new VmSpec(
                        "vm-abcdefghijkl",
                        new MachineSize(1, 256, 0),
                        Acceleration.KVM,
                        List.of(),
                        "02:00:00:00:00:01",
                        1370,
                        List.of(),
                        List.of(new VmSpec.Volume(Path.of("/v/vol-a.luks"), "the key")),
                        GuestCard.STREAM,
                        BootMode.BIOS);
        assertThat(spec.toString()).doesNotContain("the key");
        VmPaths odd = VmPaths.in(Path.of("/r/l,'a"), Path.of("/r/d,'a"));
        assertThat(DomainXml.render(spec, odd))
                .contains("secret,id=sgvk,file=/r/l,,&apos;a/k'/>")
                .contains("filename=/r/d,,&apos;a/volume.luks'/>")
                .contains("serial=volume,")
                .doesNotContain("the key", "/v/vol-a.luks");
    }

    @Test
    void aDiskLiesUnderTheScratchDiskAndIsNeverLookedInto() {
        for (Disc disk :
                List.of(
                        new Disc.File(Path.of("/i/a.raw")),
                        new Disc.Served(Path.of("/r/i/s"), "disc"))) {
            VmSpec spec = spec(Acceleration.KVM, 1024, List.of(new Disc.Under(disk)));
            assertThat(DomainXml.render(spec, PATHS))
                    .doesNotContain("cdrom")
                    .containsOnlyOnce("<target dev='vda' bus='virtio'/>")
                    .containsPattern(
                            "<backingStore type='(file|network)'>\\s*<format type='raw'/>"
                                    + "\\s*<source .*\\s*<backingStore/>\\s*</backingStore>"
                                    + "\\s*<boot order='1'/>");
        }
        assertThatThrownBy(() -> new Disc.Under(new Disc.Under(new Disc.File(Path.of("/a")))))
                .hasMessageContaining("expected a file");
    }
}
