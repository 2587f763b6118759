// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.protocol.json;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.sparegrid.protocol.Credits;
import org.sparegrid.protocol.Identifier;
import org.sparegrid.protocol.ImageId;
import org.sparegrid.protocol.LeaseId;
import org.sparegrid.protocol.MemberId;
import org.sparegrid.protocol.NetworkId;
import org.sparegrid.protocol.SellerId;
import org.sparegrid.protocol.SlotId;
import org.sparegrid.protocol.StreamId;
import org.sparegrid.protocol.VolumeId;
import org.sparegrid.protocol.api.ConsolePart;
import org.sparegrid.protocol.control.AgentFrame;
import org.sparegrid.protocol.control.AgentMessage;
import org.sparegrid.protocol.control.Blob;
import org.sparegrid.protocol.control.CoordinatorFrame;
import org.sparegrid.protocol.control.CoordinatorMessage;
import org.sparegrid.protocol.control.MachineReport;
import org.sparegrid.protocol.control.Neighbour;
import org.sparegrid.protocol.control.TrustQuestion;
import org.sparegrid.protocol.market.Acceleration;
import org.sparegrid.protocol.market.Ask;
import org.sparegrid.protocol.market.AskTraits;
import org.sparegrid.protocol.market.Attribute;
import org.sparegrid.protocol.market.Checkpoints;
import org.sparegrid.protocol.market.EndReason;
import org.sparegrid.protocol.market.LeaseProgress;
import org.sparegrid.protocol.market.MachineSize;
import org.sparegrid.protocol.market.NetworkMember;
import org.sparegrid.protocol.market.NetworkRelay;
import org.sparegrid.protocol.market.NetworkView;
import org.sparegrid.protocol.market.OrderSpec;
import org.sparegrid.protocol.market.PeerTraffic;
import org.sparegrid.protocol.market.Placement;
import org.sparegrid.protocol.market.Query;
import org.sparegrid.protocol.market.Term;
import org.sparegrid.protocol.market.TrafficReport;
import org.sparegrid.protocol.market.Usage;
import org.sparegrid.protocol.market.VolumeOffer;
import org.sparegrid.protocol.market.VolumeUse;
import org.sparegrid.protocol.market.WeekHours;
import org.sparegrid.testsupport.Property;

class FormatTest {
    private static final List<NetworkRelay> RELAYS =
            List.of(new NetworkRelay("192.0.2.1:7443", "key=", "/v1/relay"));
    private static final LeaseId LEASE =
            Identifier.draw(new SecureRandom(), LeaseId.PREFIX, LeaseId::new);
    private static final VolumeId VOLUME = new VolumeId("vol-abcdefghijkl");
    private static final MemberId MEMBER = new MemberId("mem-abcdefghijkl");
    private static final StreamId STREAM = new StreamId("str-abcdefghijkl");
    private static final SellerId SELLER = new SellerId("0123456789abcdef".repeat(3).substring(8));
    private static final ImageId IMAGE = new ImageId("ab".repeat(32));
    private static final MachineSize SIZE = new MachineSize(2, 1024, 0);
    private static final Ask ASK =
            new Ask(
                    "attic",
                    2,
                    SIZE,
                    Credits.parse("0.05"),
                    Acceleration.EMULATION,
                    "/dev/kvm can't be opened",
                    800,
                    "0.1",
                    new AskTraits(
                            "FI",
                            "genuineintel-6-26",
                            10_000,
                            50_000,
                            Credits.parse("0.01"),
                            true,
                            "campus",
                            WeekHours.range(20, 12),
                            new VolumeOffer(100, Credits.parse("0.02"))));

    static Stream<AgentFrame> agentFrames() {
        return Stream.of(
                new AgentFrame.Hello(1, "", 0),
                new AgentFrame.Acknowledge(7),
                message(
                        new AgentMessage.Inventory(
                                ASK,
                                true,
                                List.of(
                                        new MachineReport(
                                                LEASE,
                                                LeaseProgress.NONE,
                                                "key=",
                                                List.of("192.0.2.1:41777"),
                                                Usage.NONE)),
                                List.of(VOLUME))),
                message(
                        new AgentMessage.ImageShared(
                                IMAGE,
                                new Neighbour("cd".repeat(32), List.of("10.0.0.1:41778"), false),
                                "campus",
                                5)),
                message(new AgentMessage.ImageUnshared(IMAGE, 6)),
                message(new AgentMessage.VolumeKept(VOLUME)),
                message(new AgentMessage.VolumeGone(VOLUME, "the disk is full")),
                message(new AgentMessage.AskChanged(ASK, false)),
                message(new AgentMessage.LeaseAccepted(LEASE, "key=", List.of("[2001:db8::1]:1"))),
                message(new AgentMessage.LeaseRejected(LEASE, "the disk is full")),
                message(
                        new AgentMessage.Progress(
                                LEASE, new LeaseProgress(LeaseProgress.Phase.FETCHING, 1, 2))),
                message(new AgentMessage.Metered(LEASE, new Usage(1, 2, 3, 4))),
                message(
                        new AgentMessage.TrafficCounted(
                                LEASE,
                                new TrafficReport(
                                        7,
                                        List.of(
                                                new PeerTraffic(
                                                        new MemberId("mem-abcdefghijkl"),
                                                        3,
                                                        4,
                                                        1,
                                                        2))))),
                message(new AgentMessage.Ended(LEASE, EndReason.BUYER, "", Usage.NONE)),
                message(new AgentMessage.ConsoleOutput(LEASE, 9, new Blob(new byte[] {0, -1, 10}))),
                message(new AgentMessage.StreamRefused(STREAM, "no answer")),
                message(new AgentMessage.EndpointsChanged(List.of())),
                message(new AgentMessage.KnockHeard(Long.MIN_VALUE, -7)),
                message(new AgentMessage.Heartbeat()));
    }

    private static AgentFrame message(AgentMessage body) {
        return new AgentFrame.Message(3, 4, body);
    }

    private static NetworkMember member() {
        return new NetworkMember(
                MEMBER,
                "node1",
                NetworkMember.Kind.MACHINE,
                "key=",
                "198.19.0.2",
                "02:00:00:00:00:02",
                "10.77.0.2",
                List.of("192.0.2.1:41777"),
                true);
    }

    static Stream<CoordinatorFrame> coordinatorFrames() {
        return Stream.of(
                new CoordinatorFrame.Welcome("s", true, 4, 10),
                new CoordinatorFrame.Acknowledge(5),
                message(
                        new CoordinatorMessage.Neighbours(
                                IMAGE,
                                120,
                                List.of(new Neighbour("ef".repeat(32), List.of(), true)))),
                new CoordinatorFrame.Refused("unknown agent"),
                message(
                        new CoordinatorMessage.LeaseOffered(
                                LEASE,
                                SlotId.of(SELLER, 0),
                                SIZE,
                                IMAGE,
                                "key=",
                                "node1",
                                "job",
                                0,
                                2,
                                List.of(),
                                300,
                                2,
                                List.of(VOLUME))),
                message(new CoordinatorMessage.KeepVolume(VOLUME, 20)),
                message(new CoordinatorMessage.DropVolume(VOLUME, "removed by its buyer")),
                message(new CoordinatorMessage.OpenVolume(LEASE, VOLUME, "key=")),
                message(
                        new CoordinatorMessage.TpmChallenged(
                                new Blob(new byte[] {1}), new Blob(new byte[] {2}))),
                trust(new TrustQuestion.Challenge(2, 7, HASH, HASH, HASH)),
                trust(new TrustQuestion.Grant(BLOB, BLOB)),
                trust(new TrustQuestion.Admission(BLOB)),
                trust(new TrustQuestion.Refusal("PCR_POLICY", "register 11 is another")),
                message(
                        new CoordinatorMessage.NetworkChanged(
                                LEASE,
                                MEMBER,
                                new NetworkView(
                                        new NetworkId("net-abcdefghijkl"),
                                        2,
                                        "job",
                                        77,
                                        "10.77.0.0/24",
                                        "10.77.0.1",
                                        "job.grid.internal",
                                        1370,
                                        false,
                                        List.of(member()),
                                        RELAYS))),
                message(
                        new CoordinatorMessage.KeepCheckpoints(
                                LEASE, new Checkpoints(600, "A".repeat(43) + "="))),
                message(new CoordinatorMessage.StopLease(LEASE, "buyer")),
                message(new CoordinatorMessage.PortKnocked(-2)),
                message(new CoordinatorMessage.ConsoleInput(LEASE, new Blob(new byte[] {13}))),
                message(new CoordinatorMessage.StreamWanted(LEASE, STREAM)),
                message(new CoordinatorMessage.Heartbeat()));
    }

    private static final Blob BLOB = new Blob(new byte[] {4, 5});
    private static final Blob HASH = new Blob(new byte[32]);

    private static CoordinatorFrame trust(TrustQuestion question) {
        return message(new CoordinatorMessage.TrustAsked(LEASE, question));
    }

    private static CoordinatorFrame message(CoordinatorMessage body) {
        return new CoordinatorFrame.Message(3, 4, body);
    }

    @ParameterizedTest
    @MethodSource("agentFrames")
    void readsWhatAgentsWrite(AgentFrame frame) throws Exception {
        assertThat(Format.CBOR.read(Format.CBOR.write(frame), AgentFrame.class)).isEqualTo(frame);
        assertThat(Format.JSON.read(Format.JSON.write(frame), AgentFrame.class)).isEqualTo(frame);
    }

    @ParameterizedTest
    @MethodSource("coordinatorFrames")
    void readsWhatCoordinatorsWrite(CoordinatorFrame frame) throws Exception {
        assertThat(Format.CBOR.read(Format.CBOR.write(frame), CoordinatorFrame.class))
                .isEqualTo(frame);
    }

    @Test
    void writesAmountsAndIdentifiersAsText() {
        String text =
                new String(
                        Format.JSON.write(
                                new OrderSpec(
                                        "job",
                                        IMAGE,
                                        2,
                                        SIZE,
                                        Credits.parse("0.10"),
                                        3600,
                                        true,
                                        List.of(),
                                        new Placement(2, 0, 1, true, false, false, 0, 600, 0),
                                        new Query(List.of(new Term.Flag(Attribute.KVM, true))),
                                        Checkpoints.NONE,
                                        VolumeUse.NONE,
                                        0)),
                        StandardCharsets.UTF_8);
        assertThat(text)
                .contains("\"pricePerHourMax\":\"0.1\"")
                .contains("\"where\":\"kvm\"")
                .contains("\"image\":\"" + IMAGE + "\"");
        assertThat(
                        Format.JSON.writeWithSchema(
                                "sparegrid.x/1",
                                new ConsolePart(0, new Blob(new byte[] {65}), true)))
                .contains("\"schema\" : \"sparegrid.x/1\"")
                .contains("\"bytes\" : \"QQ==\"");
        assertThat(new String(Format.JSON.write(Instant.EPOCH), StandardCharsets.UTF_8))
                .isEqualTo("\"1970-01-01T00:00:00Z\"");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '\u0001',
            value = {
                "{\"cpus\":1,\"memoryMebibytes\":512}|diskMebibytes",
                "{\"cpus\":1,\"memoryMebibytes\":512,\"diskMebibytes\":0,\"colour\":1}|colour",
                "{\"cpus\":\"1\",\"memoryMebibytes\":512,\"diskMebibytes\":0}|Cannot coerce",
                "{\"cpus\":null,\"memoryMebibytes\":512,\"diskMebibytes\":0}|null",
                "{\"cpus\":0,\"memoryMebibytes\":512,\"diskMebibytes\":0}|cpus: expected 1 to 256,"
                        + " got 0",
                "{\"cpus\":1,\"cpus\":2,\"memoryMebibytes\":512,\"diskMebibytes\":0}|Duplicate",
                "{\"cpus\":1,\"memoryMebibytes\":512,\"diskMebibytes\":0} 1|railing",
                "[|MachineSize",
                "null|expected a value",
            })
    void rejectsAndSaysWhy(String text, String why) {
        assertThatThrownBy(() -> Format.JSON.read(text, MachineSize.class))
                .isInstanceOf(MessageFormatException.class)
                .hasMessageStartingWith("MachineSize: ")
                .hasMessageContaining(why);
    }

    @Test
    void neverFailsOtherwiseOnDamagedFrames() {
        List<byte[]> frames = agentFrames().map(Format.CBOR::write).toList();
        Property.holds(
                5_000,
                random -> {
                    byte[] bytes = frames.get(random.nextInt(frames.size())).clone();
                    for (int i = random.nextInt(4); i >= 0; i--) {
                        bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
                    }
                    try {
                        Format.CBOR.read(bytes, AgentFrame.class);
                    } catch (MessageFormatException expected) {
                        assertThat(expected).hasMessageStartingWith("AgentFrame: ");
                    }
                });
    }

    /// A record that can be asked something.
    record Asked(int number) {
        boolean isOdd() {
            return number % 2 == 1;
        }
    }

    @Test
    void writesComponentsOnly() throws Exception {
        byte[] written = Format.JSON.write(new Asked(3));
        assertThat(new String(written, StandardCharsets.UTF_8)).isEqualTo("{\"number\":3}");
        assertThat(Format.JSON.read(written, Asked.class)).isEqualTo(new Asked(3));
    }
}
