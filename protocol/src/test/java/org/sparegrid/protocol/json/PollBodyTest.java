// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.protocol.json;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.sparegrid.protocol.LeaseId;
import org.sparegrid.protocol.control.AgentFrame;
import org.sparegrid.protocol.control.AgentMessage;
import org.sparegrid.protocol.control.AgentPoll;
import org.sparegrid.protocol.control.CoordinatorFrame;
import org.sparegrid.protocol.control.PollAnswer;
import org.sparegrid.testsupport.Property;

class PollBodyTest {
    /// A poll of line 7 with one acknowledgement, as in docs/protocol/agent-session.md.
    private static final String VECTOR =
            "0000002bbf646c696e6507647365656e05646563686f006a686f6c644d69"
                    + "6c6c6973190fa0676c656176696e67f4ff0000001dbf64747970656b4163"
                    + "6b6e6f776c6564676568726563656976656405ff";

    private static PollBody<AgentPoll, AgentFrame> parse(byte[] body)
            throws MessageFormatException {
        return PollBody.parse(body, AgentPoll.class, AgentFrame.class);
    }

    private static AgentFrame anyFrame(RandomGenerator random) {
        return switch (random.nextInt(3)) {
            case 0 -> new AgentFrame.Hello(1, "s" + random.nextInt(), random.nextLong());
            case 1 -> new AgentFrame.Acknowledge(random.nextLong());
            default ->
                    new AgentFrame.Message(
                            random.nextLong(),
                            random.nextLong(),
                            new AgentMessage.LeaseRejected(
                                    new LeaseId("vm-aaaaaaaaaaaa"),
                                    "x".repeat(random.nextInt(99))));
        };
    }

    @Test
    void readsWhatWasWritten() {
        Property.holds(
                500,
                random -> {
                    AgentPoll head =
                            new AgentPoll(
                                    random.nextLong(),
                                    random.nextLong(Long.MAX_VALUE),
                                    random.nextLong(),
                                    random.nextInt(AgentPoll.HOLD_MILLIS_MAX + 1),
                                    random.nextBoolean());
                    List<AgentFrame> frames = new ArrayList<>();
                    for (int i = random.nextInt(5); i > 0; i--) {
                        frames.add(anyFrame(random));
                    }
                    PollBody<AgentPoll, AgentFrame> body = new PollBody<>(head, frames);
                    assertThat(parse(body.toBytes())).isEqualTo(body);
                });
    }

    @Test
    void readsAnAnswer() throws Exception {
        PollBody<PollAnswer, CoordinatorFrame> answer =
                new PollBody<>(
                        new PollAnswer(7, 9),
                        List.of(new CoordinatorFrame.Welcome("s", true, 3, 10)));
        assertThat(PollBody.parse(answer.toBytes(), PollAnswer.class, CoordinatorFrame.class))
                .isEqualTo(answer);
    }

    @ParameterizedTest
    @CsvSource({
        "'', 'poll: expected a length of 4 bytes at offset 0, got 0'",
        "000000, 'poll: expected a length of 4 bytes at offset 0, got 3'",
        "00000000, 'poll: expected a length of 1 to 16777216 at offset 0, got 0'",
        "01000001ff, 'poll: expected a length of 1 to 16777216 at offset 0, got 16777217'",
        "ffffffffff, 'poll: expected a length of 1 to 16777216 at offset 0, got 4294967295'",
        "00000002a0, 'poll: expected 2 bytes at offset 4, got 1'",
        "00000001a0, 'AgentPoll: '",
        "0000000201ff, 'AgentPoll: '",
    })
    void rejectsAndSaysWhy(String hex, String why) {
        assertThatThrownBy(() -> parse(HexFormat.of().parseHex(hex)))
                .isInstanceOf(MessageFormatException.class)
                .hasMessageStartingWith(why);
    }

    @ParameterizedTest
    @CsvSource({
        "00, 'poll: expected a length of 4 bytes at offset 45, got 1'",
        "00000000, 'poll: expected a length of 1 to 16777216 at offset 45, got 0'",
        "00000002a0, 'poll: expected 2 bytes at offset 49, got 1'",
        "00000001a0, 'AgentFrame: '",
    })
    void rejectsWhatFollowsAHead(String hex, String why) {
        byte[] head = new PollBody.Writer(new AgentPoll(1, 2, 3, 4, false)).toBytes();
        byte[] tail = HexFormat.of().parseHex(hex);
        byte[] body = ByteBuffer.allocate(head.length + tail.length).put(head).put(tail).array();
        assertThatThrownBy(() -> parse(body))
                .isInstanceOf(MessageFormatException.class)
                .hasMessageStartingWith(why);
    }

    @ParameterizedTest
    @CsvSource({
        "-1, 0, 'poll: expected seen of 0 or more, got -1'",
        "0, -1, 'poll: expected holdMillis of 0 to 50000, got -1'",
        "0, 50001, 'poll: expected holdMillis of 0 to 50000, got 50001'",
    })
    void rejectsHeadsOutOfRange(long seen, int holdMillis, String why) {
        assertThatThrownBy(() -> new AgentPoll(1, seen, 0, holdMillis, false))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(why);
    }

    @Test
    void endsABodyThatIsFullAndRefusesOneWithTooManyFrames() throws Exception {
        PollBody.Writer writer = new PollBody.Writer(new AgentPoll(1, 2, 3, 4, false));
        AgentFrame.Acknowledge frame = new AgentFrame.Acknowledge(1);
        for (int i = 0; i < PollBody.FRAMES_MAX; i++) {
            assertThat(writer.add(frame)).isTrue();
        }
        assertThat(writer.add(frame)).isFalse();
        assertThat(parse(writer.toBytes()).frames()).hasSize(PollBody.FRAMES_MAX);
        byte[] more =
                new PollBody<>(
                                new AgentPoll(1, 2, 3, 4, false),
                                java.util.Collections.nCopies(PollBody.FRAMES_MAX + 1, frame))
                        .toBytes();
        assertThatThrownBy(() -> parse(more))
                .isInstanceOf(MessageFormatException.class)
                .hasMessageStartingWith("poll: expected at most 4096 frames, got more at offset ");
        assertThatThrownBy(() -> parse(new byte[PollBody.LENGTH_MAX_BYTES + 1]))
                .isInstanceOf(MessageFormatException.class)
                .hasMessage("poll: expected at most 17825796 bytes, got 17825797");
    }

    @Test
    void endsABodyAfterAMebibyte() throws Exception {
        PollBody.Writer writer = new PollBody.Writer(new AgentPoll(1, 2, 3, 4, false));
        AgentFrame.Hello big = new AgentFrame.Hello(1, "x".repeat(400_000), 0);
        int added = 0;
        while (writer.add(big)) {
            added++;
        }
        assertThat(added).isEqualTo(3);
        assertThat(parse(writer.toBytes()).frames()).hasSize(3);
    }

    @Test
    void neverFailsOtherwiseOnAnyBytes() {
        byte[] good =
                new PollBody<>(
                                new AgentPoll(7, 5, 0, 4_000, false),
                                List.of(
                                        new AgentFrame.Acknowledge(5),
                                        new AgentFrame.Hello(1, "", 0)))
                        .toBytes();
        Property.holds(
                10_000,
                random -> {
                    byte[] any = good.clone();
                    for (int i = random.nextInt(4); i >= 0; i--) {
                        any[random.nextInt(any.length)] = (byte) random.nextInt();
                    }
                    try {
                        assertThat(parse(parse(any).toBytes())).isEqualTo(parse(any));
                    } catch (MessageFormatException expected) {
                        assertThat(expected)
                                .hasMessageMatching("(?s)(poll|AgentPoll|AgentFrame): .*");
                    }
                });
    }

    @Test
    void isWrittenAsInTheVector() {
        byte[] body =
                new PollBody<>(
                                new AgentPoll(7, 5, 0, 4_000, false),
                                List.of(new AgentFrame.Acknowledge(5)))
                        .toBytes();
        assertThat(HexFormat.of().formatHex(body)).isEqualTo(VECTOR);
        assertThat(new String(body, StandardCharsets.ISO_8859_1)).contains("holdMillis");
    }
}
