// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet.gateway;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.sparegrid.virtualethernet.port.LinkSetup;
import org.sparegrid.virtualethernet.port.PortAddress;
import org.sparegrid.virtualethernet.system.Programs;

/// Puts a TAP device into a LAN: into a bridge that is there, or into one made around a card.
///
/// The bridge gets the network's address besides those it has. A card's IPv4 addresses and routes
/// move to the bridge made around it. All of it is taken back by the [UndoLog].
public final class LanBridge implements LinkSetup {
    private static final Path DEVICES = Path.of("/sys/class/net");

    private final String card;
    private final UndoLog undo;

    /// Puts devices into the LAN of `card`, a bridge or an Ethernet card.
    public LanBridge(String card, UndoLog undo) {
        this.card = card;
        this.undo = undo;
    }

    /// Why a card should not be bridged, if so, with what to do instead.
    ///
    /// @param evenDefaultRoute whether the card may be the one that reaches the internet
    public static Optional<String> objection(String card, boolean evenDefaultRoute)
            throws IOException {
        Path device = DEVICES.resolve(card);
        if (!card.matches("[A-Za-z0-9_.-]{1,15}") || !Files.exists(device)) {
            return Optional.of("there is no network card " + card + " on this computer");
        }
        if (Files.exists(device.resolve("wireless")) || Files.exists(device.resolve("phy80211"))) {
            return Optional.of(
                    card + " is a wireless card, which carries only its own address; use a cable");
        }
        if (Files.exists(device.resolve("master"))) {
            return Optional.of(
                    card
                            + " belongs to "
                            + device.resolve("master").toRealPath().getFileName()
                            + " already; bridge that one");
        }
        if (!Files.readString(device.resolve("type")).strip().equals("1")) {
            return Optional.of(card + " is no Ethernet card");
        }
        boolean isDefault =
                !Programs.run("ip", "-4", "route", "show", "default", "dev", card).isEmpty()
                        || !Programs.run("ip", "-6", "route", "show", "default", "dev", card)
                                .isEmpty();
        if (isDefault && !evenDefaultRoute) {
            return Optional.of(
                    card
                            + " is how this computer reaches the internet; if bridging goes wrong,"
                            + " it is cut off. If that is what you want, add --even-default-route");
        }
        return Optional.empty();
    }

    @Override
    public void configure(String device, PortAddress address) throws IOException {
        undo.undo();
        boolean isBridge = Files.exists(DEVICES.resolve(card).resolve("bridge"));
        String bridge = isBridge ? card : makeBridge(device);
        Programs.run("ip", "link", "set", "dev", device, "address", address.mac().toString());
        String mtu = Files.readString(DEVICES.resolve(bridge).resolve("mtu")).strip();
        Programs.run("ip", "link", "set", "dev", device, "mtu", mtu);
        Programs.run("ip", "link", "set", "dev", device, "master", bridge);
        Programs.run("ip", "link", "set", "dev", device, "up");
        undo.note("ip", "addr", "del", address.cidr(), "dev", bridge);
        Programs.run("ip", "addr", "replace", address.cidr(), "dev", bridge);
    }

    /// Makes a bridge around the card, which keeps its Ethernet address.
    private String makeBridge(String device) throws IOException {
        String bridge = "b" + device.substring(0, Math.min(14, device.length()));
        List<String> addresses = addresses();
        List<List<String>> routes = routes();
        for (List<String> route : routes.reversed()) {
            note(route, card);
        }
        for (String address : addresses.reversed()) {
            undo.note("ip", "addr", "add", address, "dev", card);
        }
        undo.note("ip", "link", "del", "dev", bridge);
        Programs.run("ip", "link", "add", "name", bridge, "type", "bridge", "forward_delay", "0");
        String mac = Files.readString(DEVICES.resolve(card).resolve("address")).strip();
        Programs.run("ip", "link", "set", "dev", bridge, "address", mac);
        Programs.run("ip", "link", "set", "dev", bridge, "up");
        Programs.run("ip", "link", "set", "dev", card, "master", bridge);
        Programs.run("ip", "link", "set", "dev", card, "up");
        for (String address : addresses) {
            Programs.run("ip", "addr", "del", address, "dev", card);
            Programs.run("ip", "addr", "add", address, "dev", bridge);
        }
        for (List<String> route : routes) {
            Programs.run(command(route, bridge));
        }
        return bridge;
    }

    private List<String> addresses() throws IOException {
        List<String> found = new ArrayList<>();
        for (String line :
                Programs.run("ip", "-4", "-o", "addr", "show", "dev", card).lines().toList()) {
            String[] words = line.strip().split("\\s+", -1);
            if (words.length > 3 && words[2].equals("inet")) {
                found.add(words[3]);
            }
        }
        return found;
    }

    /// The routes that do not come with an address by themselves.
    private List<List<String>> routes() throws IOException {
        List<List<String>> found = new ArrayList<>();
        for (String line :
                Programs.run("ip", "-4", "route", "show", "dev", card).lines().toList()) {
            if (!line.isBlank() && !line.contains("proto kernel")) {
                found.add(
                        List.of(line.strip().split("\\s+", -1)).stream()
                                .filter(word -> !word.equals("linkdown"))
                                .toList());
            }
        }
        return found;
    }

    private void note(List<String> route, String device) throws IOException {
        undo.note(command(route, device).toArray(String[]::new));
    }

    private static List<String> command(List<String> route, String device) {
        List<String> command = new ArrayList<>(List.of("ip", "-4", "route", "replace"));
        command.addAll(route);
        command.addAll(List.of("dev", device));
        return command;
    }
}
