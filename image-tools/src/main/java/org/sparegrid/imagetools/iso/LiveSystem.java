// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.imagetools.iso;

/// The way in which a live CD finds its root file system; each takes additions differently.
public enum LiveSystem {
    /// Debian's live-boot: all `live/*.squashfs` are stacked by name.
    DEBIAN_LIVE("Debian live-boot"),
    /// Ubuntu's casper.
    CASPER("Ubuntu casper"),
    /// Fedora's and openSUSE's dmsquash-live.
    DRACUT("dracut dmsquash-live"),
    /// Alpine's `apkovl` overlays.
    ALPINE("Alpine"),
    /// Arch's archiso.
    ARCHISO("archiso"),
    /// SystemRescue, an archiso with modules.
    SYSTEM_RESCUE("SystemRescue"),
    /// Slax, Porteus and Knoppix.
    SLAX("Slax or Porteus"),
    /// None of these.
    UNKNOWN("unknown");

    private final String title;

    LiveSystem(String title) {
        this.title = title;
    }

    /// What a person calls it.
    public String title() {
        return title;
    }

    /// Recognises the system by the folders that only it has.
    static LiveSystem of(IsoImage image) {
        if (has(image, "live/.*\\.squashfs")) {
            return DEBIAN_LIVE;
        } else if (has(image, "casper/.*\\.squashfs")) {
            return CASPER;
        } else if (has(image, "LiveOS/squashfs\\.img|LiveOS/rootfs\\.img")) {
            return DRACUT;
        } else if (has(image, "apks|[^/]*\\.apkovl\\.tar\\.gz")) {
            return ALPINE;
        } else if (has(image, "sysresccd/.*")) {
            return SYSTEM_RESCUE;
        } else if (has(image, "arch/x86_64/airootfs\\..*")) {
            return ARCHISO;
        } else if (has(image, "(porteus|slax)/.*")) {
            return SLAX;
        }
        return UNKNOWN;
    }

    private static boolean has(IsoImage image, String pattern) {
        return image.entries().stream().anyMatch(entry -> entry.path().matches(pattern));
    }
}
