// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.hypervisor;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.UUID;
import org.sparegrid.imagetools.iso.BootMode;
import org.sparegrid.protocol.market.Acceleration;

/// Writes a guest's definition for libvirt: our own template, in which the buyer decides nothing
/// but numbers and the checked texts of [VmSpec].
///
/// The guest has a serial console, a CD-ROM, one network card, a balloon, random numbers and no
/// more: no graphics, USB, sound or floppy, whose emulations had most of QEMU's escapes.
///
/// Source: docs/decisions/0006-confined-libvirtd.md.
public final class DomainXml {
    /// What QEMU may spend on translated code, in MiB; by default it takes up to 1 GiB.
    private static final int TRANSLATION_CACHE_MEBIBYTES = 64;

    /// How long a guest waits for the server of its disc, which is this program: an update or a
    /// crash of it takes far less. After that the guest sees errors of its disc.
    private static final int SERVER_AWAY_SECONDS_MAX = 3600;

    /// What else a card by vhost-user is told.
    ///
    /// - No MSI-X: with it QEMU 7.2 ends with SIGSEGV under TCG when a guest's driver starts such a
    ///   card. It stays away under KVM too, so that what the self-test shows holds for all guests:
    ///   its own driver uses no MSI-X.
    /// - No link state: QEMU takes the link down while this program is away, and a guest would give
    ///   up its address.
    /// - No change of offloads while the guest runs, of which QEMU would not tell us.
    private static final String SHARED_CARD =
            ",vectors=0,status=off,ctrl_guest_offloads=off,rx_queue_size=1024";

    /// What QEMU calls the guest's volume; the guest finds it as `/dev/disk/by-id/virtio-volume`.
    public static final String VOLUME = "sgvol";

    private DomainXml() {}

    /// The definition of the guest that `spec` describes, with its files at `paths`.
    public static String render(VmSpec spec, VmPaths paths) {
        boolean kvm = spec.acceleration() == Acceleration.KVM;
        return """
        <domain type='%s' xmlns:qemu='http://libvirt.org/schemas/domain/qemu/1.0'>
          <name>%s</name>
          <uuid>%s</uuid>
          <memory unit='MiB'>%d</memory>
          <memoryBacking><nosharepages/>%s</memoryBacking>
          <vcpu placement='static'>%d</vcpu>
          <os%s>
            <type arch='x86_64' machine='q35'>hvm</type>
            %s%s
          </os>
        %s  <features><acpi/><apic/>%s</features>
          %s
          <clock offset='utc'><timer name='hpet' present='%s'/></clock>
          <on_poweroff>destroy</on_poweroff>
          <on_reboot>restart</on_reboot>
          <on_crash>destroy</on_crash>
          <pm><suspend-to-mem enabled='no'/><suspend-to-disk enabled='no'/></pm>
          <devices>
            <controller type='usb' model='none'/>
            <controller type='scsi' index='0' model='virtio-scsi'/>
        %s%s    <serial type='unix'>
              <source mode='bind' path='%s'/>
              <target type='isa-serial' port='0'/>
            </serial>
            <memballoon model='virtio' freePageReporting='on' autodeflate='on'>
              <stats period='5'/>
            </memballoon>
            <rng model='virtio'>
              <rate bytes='65536' period='1000'/>
              <backend model='random'>/dev/urandom</backend>
            </rng>
            <panic model='isa'/>
            <video><model type='none'/></video>
          </devices>
          <qemu:commandline>
        %s%s  </qemu:commandline>
        </domain>
        """
                .formatted(
                        kvm ? "kvm" : "qemu",
                        spec.name(),
                        uuid(spec.name()),
                        spec.size().memoryMebibytes(),
                        memory(spec),
                        spec.size().cpus(),
                        spec.firmware() == BootMode.UEFI ? " firmware='efi'" : "",
                        firmware(spec),
                        spec.oemStrings().isEmpty() ? "" : "<smbios mode='sysinfo'/>",
                        systemInformation(spec),
                        kvm
                                ? ""
                                : "<tcg><tb-cache unit='MiB'>"
                                        + TRANSLATION_CACHE_MEBIBYTES
                                        + "</tb-cache></tcg>",
                        processor(kvm),
                        // An emulated processor's counter has no known rate.
                        kvm ? "no" : "yes",
                        disc(spec),
                        scratch(spec, paths),
                        text(paths.serial()),
                        card(spec, paths),
                        volume(spec, paths));
    }

    /// libvirt finds UEFI's program and the empty store of its variables among those of the
    /// computer; the guest's own store goes with the guest.
    private static String firmware(VmSpec spec) {
        return switch (spec.firmware()) {
            case BIOS -> "<bios useserial='yes'/>";
            case UEFI -> "<firmware><feature enabled='no' name='secure-boot'/></firmware>";
        };
    }

    /// Memory that another process can map is a sealed file without a name.
    private static String memory(VmSpec spec) {
        return switch (spec.card()) {
            case STREAM -> "";
            case VHOST_USER -> "<source type='memfd'/><access mode='shared'/>";
        };
    }

    private static String card(VmSpec spec, VmPaths paths) {
        StringBuilder xml = new StringBuilder();
        String device =
                "virtio-net-pci,netdev=sg0,mac="
                        + spec.mac()
                        + ",host_mtu="
                        + spec.mtu()
                        + ",bus=pcie.0,addr=0x10,disable-legacy=on,romfile=";
        switch (spec.card()) {
            case STREAM -> {
                argument(
                        xml,
                        "-netdev",
                        "stream,id=sg0,server=on,addr.type=unix,addr.path="
                                + option(paths.network()));
                argument(xml, "-device", device);
            }
            case VHOST_USER -> {
                argument(
                        xml, "-chardev", "socket,id=sgc,server=on,path=" + option(paths.network()));
                argument(xml, "-netdev", "vhost-user,id=sg0,chardev=sgc");
                argument(xml, "-device", device + SHARED_CARD);
            }
        }
        return xml.toString();
    }

    /// The volume's disk. libvirt knows nothing of it, as it would write the key into files.
    private static String volume(VmSpec spec, VmPaths paths) {
        if (spec.volumes().isEmpty()) {
            return "";
        }
        StringBuilder xml = new StringBuilder();
        argument(xml, "-object", "secret,id=sgvk,file=" + option(paths.volumeKey()));
        argument(
                xml,
                "-blockdev",
                "driver=file,node-name=sgvf,discard=ignore,filename=" + option(paths.volume()));
        argument(xml, "-blockdev", "driver=luks,node-name=sgv,file=sgvf,key-secret=sgvk");
        argument(
                xml,
                "-device",
                "virtio-blk-pci,id="
                        + VOLUME
                        + ",drive=sgv,serial=volume,bus=pcie.0,addr=0x11,disable-legacy=on,"
                        + "romfile=");
        return xml.toString();
    }

    private static void argument(StringBuilder xml, String name, String value) {
        for (String word : List.of(name, value)) {
            xml.append("    <qemu:arg value='").append(word).append("'/>\n");
        }
    }

    /// A path within an option of QEMU's.
    private static String option(Path path) {
        return text(path).replace(",", ",,");
    }

    /// The identifier that belongs to a name for good.
    static UUID uuid(String name) {
        return UUID.nameUUIDFromBytes(("sparegrid " + name).getBytes(StandardCharsets.UTF_8));
    }

    private static String processor(boolean kvm) {
        return kvm
                ? "<cpu mode='host-passthrough' check='none' migratable='on'/>"
                : """
                <cpu mode='custom' match='exact' check='none'>\
                <model fallback='forbid'>Nehalem</model></cpu>\
                """;
    }

    private static String systemInformation(VmSpec spec) {
        if (spec.oemStrings().isEmpty()) {
            return "";
        }
        StringBuilder entries = new StringBuilder();
        for (String oem : spec.oemStrings()) {
            entries.append("      <entry>").append(escape(oem)).append("</entry>\n");
        }
        return "  <sysinfo type='smbios'>\n    <oemStrings>\n"
                + entries
                + "    </oemStrings>\n  </sysinfo>\n";
    }

    private static String disc(VmSpec spec) {
        StringBuilder xml = new StringBuilder();
        for (Disc disc : spec.image()) {
            if (disc instanceof Disc.Under) {
                continue;
            }
            xml.append(
                    """
                        <disk type='%s' device='cdrom'>
                          <driver name='qemu' type='raw'/>
                          %s
                          <target dev='sda' bus='scsi'/>
                          <shareable/>
                          <readonly/>
                          <boot order='1'/>
                        </disk>
                    """
                            .formatted(type(disc), source(disc)));
        }
        return xml.toString();
    }

    private static String type(Disc disc) {
        return switch (disc) {
            case Disc.File _ -> "file";
            case Disc.Served _ -> "network";
            case Disc.Under(Disc disk) -> type(disk);
        };
    }

    private static String source(Disc disc) {
        return switch (disc) {
            case Disc.Under(Disc disk) -> source(disk);
            case Disc.File(Path file) -> "<source file='" + text(file) + "'/>";
            case Disc.Served(Path socket, String export) ->
                    """
                    <source protocol='nbd' name='%s'>\
                    <host transport='unix' socket='%s'/><reconnect delay='%d'/></source>\
                    """
                            .formatted(export, text(socket), SERVER_AWAY_SECONDS_MAX);
        };
    }

    private static String scratch(VmSpec spec, VmPaths paths) {
        if (spec.size().diskMebibytes() == 0) {
            return "";
        }
        return """
            <disk type='file' device='disk'>
              <driver name='qemu' type='qcow2' discard='unmap'/>
              <source file='%s'/>%s
              <target dev='vda' bus='virtio'/>
            </disk>
        """
                .formatted(text(paths.scratch()), below(spec));
    }

    /// What lies below the scratch disk. It is said to be raw, so that QEMU reads nothing in it
    /// that could name another file, and to be the last.
    private static String below(VmSpec spec) {
        StringBuilder xml = new StringBuilder();
        for (Disc disc : spec.image()) {
            if (disc instanceof Disc.Under) {
                xml.append(
                        """

                              <backingStore type='%s'>
                                <format type='raw'/>
                                %s
                                <backingStore/>
                              </backingStore>
                              <boot order='1'/>\
                        """
                                .formatted(type(disc), source(disc)));
            }
        }
        return xml.toString();
    }

    private static String text(Path path) {
        return escape(path.toString());
    }

    private static String escape(String text) {
        return text.replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("'", "&apos;")
                .replace("\"", "&quot;");
    }
}
