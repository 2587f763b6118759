// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.hypervisor;

import java.nio.file.Path;
import java.util.regex.Pattern;
import org.sparegrid.virtualethernet.port.FramePort;
import org.sparegrid.virtualethernet.port.QemuStreamPort;
import org.sparegrid.virtualethernet.port.VhostUserPort;

/// What a guest's network card is to its QEMU. A guest keeps the one it was started with.
public enum GuestCard {
    /// QEMU passes each frame on by itself.
    STREAM("stream"),
    /// The guest's memory is shared with this program, which takes frames of up to 64 KB from it.
    VHOST_USER("vhost-user");

    /// How a definition of ours begins to say so. A buyer's text has no `<` in it there.
    private static final Pattern SHARED = Pattern.compile("<qemu:arg value=['\"]vhost-user,");

    private final String words;

    GuestCard(String words) {
        this.words = words;
    }

    /// The card of the guest that libvirt's definition describes.
    public static GuestCard of(String definition) {
        return SHARED.matcher(definition).find() ? VHOST_USER : STREAM;
    }

    /// A new other end of a card.
    ///
    /// @param socket where QEMU listens for it
    public FramePort port(Path socket) {
        return switch (this) {
            case STREAM -> new QemuStreamPort(socket);
            case VHOST_USER -> new VhostUserPort(socket);
        };
    }

    /// For people and settings.
    @Override
    public String toString() {
        return words;
    }
}
