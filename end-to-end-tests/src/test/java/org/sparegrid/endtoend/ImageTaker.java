// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.endtoend;

import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import org.sparegrid.agent.config.SharingSettings;
import org.sparegrid.agent.control.AgentLink;
import org.sparegrid.agent.control.SessionListener;
import org.sparegrid.agent.identity.Identity;
import org.sparegrid.agent.identity.Join;
import org.sparegrid.agent.image.CoordinatorImages;
import org.sparegrid.agent.image.GuestImage;
import org.sparegrid.agent.image.ImageStore;
import org.sparegrid.agent.image.StreamedImage;
import org.sparegrid.agent.neighbour.NeighbourDesk;
import org.sparegrid.agent.network.Overlay;
import org.sparegrid.protocol.Credits;
import org.sparegrid.protocol.JoinToken;
import org.sparegrid.protocol.control.AgentMessage;
import org.sparegrid.protocol.control.CoordinatorMessage;
import org.sparegrid.protocol.control.CoordinatorMessage.LeaseOffered;
import org.sparegrid.protocol.market.Acceleration;
import org.sparegrid.protocol.market.Ask;
import org.sparegrid.protocol.market.AskTraits;
import org.sparegrid.protocol.market.MachineSize;

/// A process of [NeighboursIT]: all of a seller's agent that has to do with images, and in the
/// place of a guest something that reads its disc as a boot does, a third of it in order.
///
/// It prints `ready`, then `whole SHA256 MILLIS GOT SENT`.
final class ImageTaker implements SessionListener {
    private static final int READ_BYTES = 65_536;

    private static final Ask ASK =
            new Ask(
                    "taker",
                    1,
                    new MachineSize(1, 512, 0),
                    Credits.ZERO,
                    Acceleration.KVM,
                    "",
                    1000,
                    "0",
                    AskTraits.UNKNOWN);

    private final AgentLink link;
    private final NeighbourDesk desk;
    private final ImageStore store;
    private final CoordinatorImages source;

    private ImageTaker(Path folder, Identity identity, boolean shares) throws Exception {
        this.link = new AgentLink(identity);
        this.desk =
                new NeighbourDesk(
                        new SharingSettings(shares, "127.0.0.1", 0, 0),
                        "",
                        link::send,
                        _ -> true,
                        System::nanoTime);
        this.store =
                new ImageStore(
                        Files.createDirectories(folder.resolve("images")),
                        1L << 30,
                        Files.createDirectories(folder.resolve("s")),
                        true,
                        desk);
        this.source = new CoordinatorImages(identity);
    }

    /// Makes a computer known to the coordinator, which it reaches through a line from then on.
    static void join(Path folder, String token, int linePort) throws Exception {
        Identity joined = Join.enrol(JoinToken.parse(token));
        new Identity(
                        URI.create("https://127.0.0.1:" + linePort),
                        joined.authority(),
                        joined.seller(),
                        joined.keyPem(),
                        joined.certificatePem())
                .store(Files.createDirectories(folder));
    }

    /// @param arguments a folder in which it has joined, and whether to share
    public static void main(String[] arguments) throws Exception {
        Path folder = Path.of(arguments[0]);
        ImageTaker taker =
                new ImageTaker(folder, Identity.load(folder), Boolean.parseBoolean(arguments[1]));
        taker.link.start(taker);
        // Others may want something of it to the end.
        Thread.sleep(Long.MAX_VALUE);
    }

    @Override
    public AgentMessage.Inventory inventory() {
        return new AgentMessage.Inventory(ASK, true, List.of(), List.of());
    }

    @Override
    public void begun() {
        say("ready");
        desk.repeat();
    }

    @Override
    public void handle(CoordinatorMessage message) {
        if (message instanceof LeaseOffered offer) {
            byte[] key = Overlay.newKeys().publicKey().bytes();
            link.send(
                    new AgentMessage.LeaseAccepted(
                            offer.lease(), Base64.getEncoder().encodeToString(key), List.of()));
            Thread.ofPlatform().name("guest").start(() -> take(offer));
        } else if (message instanceof CoordinatorMessage.Neighbours named) {
            desk.named(named);
        }
    }

    private void take(LeaseOffered offer) {
        try {
            long began = System.nanoTime();
            GuestImage.Streamed lent =
                    (GuestImage.Streamed)
                            store.lend(
                                    offer.lease().value(),
                                    offer.image(),
                                    offer.imageKey(),
                                    source,
                                    Set.of(),
                                    (_, _) -> {});
            StreamedImage disc = lent.image();
            for (long at = 0; at + READ_BYTES <= disc.sizeBytes() / 3; at += READ_BYTES) {
                disc.read(ByteBuffer.allocate(READ_BYTES), at);
            }
            disc.booted();
            while (!disc.isWhole()) {
                Thread.sleep(10);
            }
            long millis = (System.nanoTime() - began) / 1_000_000;
            say(
                    "whole "
                            + digest(disc)
                            + " "
                            + millis
                            + " "
                            + desk.report().gotBytes()
                            + " "
                            + desk.report().sentBytes());
        } catch (Exception failed) {
            say("failed " + failed);
        }
    }

    private static String digest(StreamedImage disc) throws Exception {
        MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
        for (long at = 0; at < disc.sizeBytes(); at += READ_BYTES) {
            ByteBuffer part =
                    ByteBuffer.allocate((int) Math.min(READ_BYTES, disc.sizeBytes() - at));
            disc.read(part, at);
            sha256.update(part.array());
        }
        return HexFormat.of().formatHex(sha256.digest());
    }

    private static void say(String line) {
        System.out.println(line);
        System.out.flush();
    }
}
