// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.imagetools.iso;

import java.util.List;
import java.util.regex.Pattern;

/// The way in which a live CD finds its root file system; each takes additions differently.
public enum LiveSystem {
    /// Debian's live-boot: all `live/*.squashfs` are stacked by name.
    DEBIAN_LIVE("Debian live-boot", "live/[^/]*\\.squashfs", "live", ".squashfs"),
    /// Ubuntu's casper: all `casper/*.squashfs` are stacked by name, or a chain that is named.
    CASPER("Ubuntu casper", "casper/[^/]*\\.squashfs", "casper", ".squashfs"),
    /// Fedora's and openSUSE's dmsquash-live.
    DRACUT("dracut dmsquash-live", "LiveOS/(squashfs|rootfs)\\.img", "", ""),
    /// Alpine's `apkovl` overlays.
    ALPINE("Alpine", "apks|[^/]*\\.apkovl\\.tar\\.gz", "", ""),
    /// SystemRescue, an archiso with modules, `*.srm`, that the argument `loadsrm` asks for.
    SYSTEM_RESCUE("SystemRescue", "sysresccd/.*airootfs\\.[a-z]+", "sysresccd", ".srm"),
    /// Arch's archiso.
    ARCHISO("archiso", "arch/x86_64/airootfs\\.(sfs|erofs)", "", ""),
    /// Slax: modules are stacked by name.
    SLAX("Slax", "slax/[^/]*\\.sb", "slax/modules", ".sb"),
    /// Porteus: modules are stacked by name.
    PORTEUS("Porteus", "porteus/base/[^/]*\\.xzm", "porteus/modules", ".xzm"),
    /// One of the others as a file, with layers beside it.
    PAYLOAD("a payload beside an image", "sparegrid/base\\.iso", "", ""),
    /// None of these.
    UNKNOWN("unknown", "", "", "");

    /// One fewer than there are, for the image itself where that is a file.
    private static final int LOOP_DEVICES = 7;

    private final String title;
    private final Pattern roots;
    private final String layerFolder;
    private final String layerSuffix;

    LiveSystem(String title, String roots, String layerFolder, String layerSuffix) {
        this.title = title;
        this.roots = Pattern.compile(roots);
        this.layerFolder = layerFolder;
        this.layerSuffix = layerSuffix;
    }

    /// What a person calls it.
    public String title() {
        return title;
    }

    /// The folder of the medium where it finds further layers, or nothing if it takes none.
    public String layerFolder() {
        return layerFolder;
    }

    /// How the name of a layer's file ends, or nothing if it takes none.
    public String layerSuffix() {
        return layerSuffix;
    }

    /// Kernel arguments without which it ignores layers, or cannot mount so many file systems.
    ///
    /// live-boot and casper take a free loop device for each and make none; Debian's and Ubuntu's
    /// kernels begin with 8.
    public List<String> layerArguments(int fileSystems) {
        return switch (this) {
            case SYSTEM_RESCUE -> List.of("loadsrm");
            case DEBIAN_LIVE, CASPER ->
                    fileSystems > LOOP_DEVICES
                            ? List.of("loop.max_loop=" + 2 * fileSystems)
                            : List.of();
            case DRACUT, ALPINE, ARCHISO, SLAX, PORTEUS, PAYLOAD, UNKNOWN -> List.of();
        };
    }

    /// Kernel arguments with which it looks for its medium in the file `path` of another one, whose
    /// volume is called `volume`; empty if it cannot.
    public List<String> fileArguments(String path, String volume) {
        return switch (this) {
            case DEBIAN_LIVE -> List.of("findiso=" + path);
            case CASPER, DRACUT -> List.of("iso-scan/filename=" + path);
            case ARCHISO -> List.of("img_dev=/dev/disk/by-label/" + volume, "img_loop=" + path);
            case ALPINE, SYSTEM_RESCUE, SLAX, PORTEUS, PAYLOAD, UNKNOWN -> List.of();
        };
    }

    /// Whether `entry` is, by its path, a part of this system's root file system.
    boolean isRoot(IsoEntry entry) {
        return roots.matcher(entry.path()).matches();
    }

    /// Recognises the system by the files that only it has.
    static LiveSystem of(IsoImage image) {
        for (LiveSystem system : values()) {
            if (image.entries().stream().anyMatch(system::isRoot)) {
                return system;
            }
        }
        return UNKNOWN;
    }
}
