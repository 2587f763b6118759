// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.attestation.json;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.sparegrid.attestation.json.JsonValue.JsonObject;
import org.sparegrid.attestation.wire.EvidenceFormatException;
import org.sparegrid.testsupport.Property;

class JsonReaderTest {
    private static JsonObject read(String text) throws EvidenceFormatException {
        return JsonReader.object("policy", text.getBytes(UTF_8), 10_000);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{}",
                "{\"a\": [1, -20, {}, [], true, false, null, \"\"]}",
                "{\"a\": {\"b\": {\"c\": \"\\u00e9\\n\\\"\\\\\"}}}",
            })
    void writesWhatItRead(String text) throws Exception {
        JsonObject once = read(text);
        String written = JsonWriter.write(once);
        assertThat(JsonWriter.write(read(written))).isEqualTo(written);
        assertThat(written.replaceAll("\\s", "")).isEqualTo(text.replaceAll("\\s", ""));
    }

    @Test
    void knowsWhereAMemberStands() throws Exception {
        String text = " {\"tcbInfo\" : {\"id\":\"TDX\"} ,\"signature\":\"00\"}";
        JsonMembers members = JsonMembers.of("answer", read(text));
        JsonValue.Span span = members.members("tcbInfo").span();
        assertThat(text.substring(span.start(), span.end())).isEqualTo("{\"id\":\"TDX\"}");
    }

    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '`',
            delimiter = '|',
            value = {
                "[]                  | expected an object, got a list",
                "{\"a\":1,\"a\":2}   | expected each name once, not 'a' again",
                "{\"a\":1.5}         | numbers are whole",
                "{\"a\":1e3}         | numbers are whole",
                "{\"a\":01}          | numbers are whole",
                "{\"a\":-}           | numbers are whole",
                "{\"a\":99999999999999999999} | expected a number of 64 bits",
                "{\"a\":1,}          | expected '\"' at offset 7",
                "{\"a\":1}x          | expected the end at offset 7",
                "{\"a\" 1}           | expected ':'",
                "{\"a\":tru}         | expected a value",
                "{\"a\":'b'}         | expected a value",
                "{\"a\":\"\\x\"}     | expected an escape",
                "{\"a\":\"\\u12g4\"} | expected four hexadecimal digits",
                "{\"a\":\"           | got the end",
                "{\"a\":[1 2]}       | expected ','",
                "``                  | expected more text at offset 0",
            })
    void refusesAndSaysWhy(String text, String why) {
        assertThatThrownBy(() -> read(text))
                .isInstanceOf(EvidenceFormatException.class)
                .hasMessageStartingWith("policy: ")
                .hasMessageContaining(why);
    }

    @Test
    void refusesDepthCountAndLengthBeyondTheLimits() {
        String deep = "{\"a\":" + "[".repeat(17) + "]".repeat(17) + "}";
        assertThatThrownBy(() -> read(deep)).hasMessageContaining("at most 16 levels");
        byte[] many = ("{\"a\":[" + "1,".repeat(200_000) + "1]}").getBytes(UTF_8);
        assertThatThrownBy(() -> JsonReader.object("policy", many, many.length))
                .hasMessageContaining("at most 200000 values");
        assertThatThrownBy(() -> JsonReader.object("policy", new byte[11], 10))
                .hasMessage("policy: expected at most 10 bytes, got 11");
    }

    @Test
    void refusesBytesThatAreNotUtf8AndControlCharacters() {
        byte[] broken = "{\"a\":\"x\"}".getBytes(UTF_8);
        broken[6] = (byte) 0xff;
        assertThatThrownBy(() -> JsonReader.object("policy", broken, 100))
                .hasMessageContaining("expected UTF-8");
        assertThatThrownBy(() -> read("{\"a\":\"\n\"}")).hasMessageContaining("control characters");
    }

    @Test
    void namesTheNearestMember() throws Exception {
        JsonMembers members = JsonMembers.of("policy", read("{\"levle\":\"open\",\"zzz\":1}"));
        assertThatThrownBy(() -> members.text("level"))
                .hasMessage("policy: unknown member 'levle'; did you mean 'level'");
        JsonMembers rest = JsonMembers.of("policy", read("{\"level\":\"open\",\"levels\":1}"));
        assertThat(rest.text("level")).isEqualTo("open");
        assertThatThrownBy(rest::end)
                .hasMessage("policy: unknown member 'levels'; did you mean 'level'");
        JsonMembers word = JsonMembers.of("policy", read("{\"level\":\"measurd\"}"));
        assertThatThrownBy(() -> word.word("level", List.of("open", "measured")))
                .hasMessage(
                        "policy.level: expected one of open, measured, got 'measurd'; did you mean"
                                + " 'measured'");
    }

    @Test
    void saysWhatAMemberShouldBe() throws Exception {
        JsonMembers members =
                JsonMembers.of("p", read("{\"n\":5,\"t\":\"xy\",\"l\":[1],\"o\":{\"x\":1}}"));
        assertThatThrownBy(() -> members.text("n"))
                .hasMessage("p.n: expected a text, got a number");
        assertThatThrownBy(() -> members.number("n", 6, 7))
                .hasMessage("p.n: expected a number from 6 to 7, got 5");
        assertThatThrownBy(() -> members.hex("t", 1))
                .hasMessage("p.t: expected 1 bytes in hexadecimal, got 'xy'");
        assertThatThrownBy(() -> members.texts("l", 1, 2))
                .hasMessage("p.l: expected a list of texts, got a number");
        assertThatThrownBy(() -> members.texts("l", 2, 3))
                .hasMessage("p.l: expected a list of 2 to 3, got 1");
        assertThatThrownBy(() -> members.members("o").flag("x"))
                .hasMessage("p.o.x: expected true or false, got a number");
        assertThatThrownBy(() -> members.text("gone")).hasMessage("p: expected a member 'gone'");
    }

    @Test
    void neverFailsOtherwiseOnAnyBytes() {
        byte[] good = "{\"a\":[1,-2,true,null,\"\\u00e9x\"],\"b\":{\"c\":\"d\"}}".getBytes(UTF_8);
        Property.holds(
                20_000,
                random -> {
                    byte[] any = Arrays.copyOf(good, random.nextInt(good.length + 4));
                    for (int i = random.nextInt(4); i > 0 && any.length > 0; i--) {
                        any[random.nextInt(any.length)] = (byte) random.nextInt(256);
                    }
                    try {
                        JsonObject object = JsonReader.object("policy", any, 100);
                        String written = JsonWriter.write(object);
                        assertThat(JsonWriter.write(read(written))).isEqualTo(written);
                    } catch (EvidenceFormatException expected) {
                        assertThat(expected).hasMessageStartingWith("policy: ");
                    }
                });
    }
}
