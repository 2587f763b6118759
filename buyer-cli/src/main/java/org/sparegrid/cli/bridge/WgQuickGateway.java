// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.cli.bridge;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.sparegrid.cli.client.Coordinator;
import org.sparegrid.cli.client.RefusedException;
import org.sparegrid.protocol.MemberId;
import org.sparegrid.protocol.NetworkId;
import org.sparegrid.protocol.api.NetworkJoin;
import org.sparegrid.protocol.api.NetworkJoined;
import org.sparegrid.protocol.market.NetworkView;
import org.sparegrid.virtualethernet.gateway.WgQuickConfig;
import org.sparegrid.virtualethernet.network.KeyPair;
import org.sparegrid.virtualethernet.network.PrivateKey;

/// A gateway without our software, as its wg-quick file tells of it. The file's first line says
/// which network it is on and what was asked for, so that the file alone is enough to renew it.
///
/// @param file the file, named after the WireGuard device
/// @param network the network
/// @param member which member it is
/// @param keys its keys
/// @param port UDP port that it listens at
/// @param bridge the bridge that it puts the network into, or empty
public record WgQuickGateway(
        Path file, NetworkId network, MemberId member, KeyPair keys, int port, String bridge) {
    private static final Pattern NOTE =
            Pattern.compile("# sparegrid network=(\\S+) member=(\\S+) port=([0-9]+) bridge=(\\S*)");
    private static final Pattern KEY = Pattern.compile("PrivateKey = (\\S+)");

    /// Makes a gateway a member of a network and writes its file.
    ///
    /// @param endpoint where others reach it, `address:port`
    public static WgQuickGateway join(
            Coordinator coordinator,
            NetworkId network,
            String name,
            String endpoint,
            String bridge,
            Path file)
            throws IOException, RefusedException, InterruptedException {
        device(file);
        int port = NetworkMaps.endpoint(endpoint).getPort();
        KeyPair keys = KeyPair.generate();
        NetworkJoined joined =
                coordinator.join(
                        network,
                        new NetworkJoin(name, keys.publicKey().toString(), List.of(endpoint)));
        WgQuickGateway gateway =
                new WgQuickGateway(file, network, joined.self(), keys, port, bridge);
        gateway.write(joined.network());
        return gateway;
    }

    /// The gateway that a file tells of.
    public static WgQuickGateway read(Path file) throws IOException {
        device(file);
        String text = Files.readString(file, StandardCharsets.UTF_8);
        Matcher note = NOTE.matcher(text);
        Matcher key = KEY.matcher(text);
        if (!note.find() || !key.find()) {
            throw new IOException(file + ": not written by sparegrid net export wg-quick");
        }
        try {
            return new WgQuickGateway(
                    file,
                    new NetworkId(note.group(1)),
                    new MemberId(note.group(2)),
                    KeyPair.of(PrivateKey.of(Base64.getDecoder().decode(key.group(1)))),
                    Integer.parseInt(note.group(3)),
                    note.group(4));
        } catch (IllegalArgumentException damaged) {
            throw new IOException(file + ": damaged: " + damaged.getMessage(), damaged);
        }
    }

    /// Writes the file anew.
    public void write(NetworkView view) throws IOException {
        Path beside = file.resolveSibling(file.getFileName() + ".new");
        Files.deleteIfExists(beside);
        Files.createFile(
                beside,
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        Files.writeString(beside, config(view).toText(), StandardOpenOption.WRITE);
        Files.move(
                beside, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    /// The script that brings its running device up to date.
    public String script(NetworkView view) {
        return config(view).toSyncScript(device(file));
    }

    /// Whether its device runs on this computer.
    public boolean runsHere() {
        return Files.exists(
                Path.of("/sys/class/net", "vx-" + device(file)), LinkOption.NOFOLLOW_LINKS);
    }

    private WgQuickConfig config(NetworkView view) {
        String note =
                "sparegrid network="
                        + network
                        + " member="
                        + member
                        + " port="
                        + port
                        + " bridge="
                        + bridge;
        return new WgQuickConfig(keys, NetworkMaps.of(view), port, bridge, note);
    }

    /// The name of the device, which wg-quick takes from the file's.
    private static String device(Path file) {
        String name = Optional.ofNullable(file.getFileName()).map(Path::toString).orElse("");
        if (!name.endsWith(".conf")) {
            throw new IllegalArgumentException(
                    "wg-quick: expected a file called DEVICE.conf, got " + file);
        }
        String device = name.substring(0, name.length() - ".conf".length());
        WgQuickConfig.checkDevice(device);
        return device;
    }

    /// The text without the private key.
    @Override
    public String toString() {
        return "WgQuickGateway[" + file + " member=" + member + "]";
    }
}
