// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.protocol.json;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.TokenStreamFactory;
import com.fasterxml.jackson.core.util.JsonRecyclerPools;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.cfg.MapperBuilder;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.cbor.databind.CBORMapper;
import com.fasterxml.jackson.dataformat.toml.TomlMapper;
import com.fasterxml.jackson.datatype.jsr310.JavaTimeModule;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;
import org.sparegrid.protocol.control.AgentFrame;
import org.sparegrid.protocol.control.AgentMessage;
import org.sparegrid.protocol.control.CoordinatorFrame;
import org.sparegrid.protocol.control.CoordinatorMessage;
import org.sparegrid.protocol.control.TrustAnswer;
import org.sparegrid.protocol.control.TrustQuestion;

/// How records become bytes and bytes become records.
///
/// Reading is strict: unknown, missing and repeated fields, nulls, wrong types and trailing bytes
/// are refused, as is anything that a record's own checks refuse. Messages are at most 16 MiB and
/// nest at most 50 deep.
public final class Format {
    /// The REST interface and everything people read.
    public static final Format JSON =
            new Format(JsonMapper.builder(factory(new com.fasterxml.jackson.core.JsonFactory())));

    /// The agent session.
    public static final Format CBOR =
            new Format(
                    CBORMapper.builder(
                            factory(new com.fasterxml.jackson.dataformat.cbor.CBORFactory())));

    /// Settings files.
    public static final Format TOML = new Format(TomlMapper.builder());

    /// The longest message that is read.
    public static final int LENGTH_MAX_BYTES = 16 << 20;

    /// Sets of buffers that are kept for the next message. A set is 26 kB, and each thread would
    /// keep one otherwise: with a thread for each of many thousand agents that is most of the
    /// memory.
    private static final int BUFFERS_MAX = 64;

    private final ObjectMapper mapper;

    private Format(MapperBuilder<?, ?> builder) {
        this.mapper =
                builder.enable(MapperFeature.PROPAGATE_TRANSIENT_MARKER)
                        // A record is its components; what it answers about itself is no field.
                        .disable(
                                MapperFeature.ALLOW_COERCION_OF_SCALARS,
                                MapperFeature.AUTO_DETECT_IS_GETTERS)
                        .disable(SerializationFeature.WRITE_DATES_AS_TIMESTAMPS)
                        .enable(
                                DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES,
                                DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES,
                                DeserializationFeature.FAIL_ON_NULL_CREATOR_PROPERTIES,
                                DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES,
                                DeserializationFeature.FAIL_ON_NUMBERS_FOR_ENUMS,
                                DeserializationFeature.FAIL_ON_TRAILING_TOKENS,
                                DeserializationFeature.FAIL_ON_READING_DUP_TREE_KEY)
                        .enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION)
                        .defaultPropertyInclusion(
                                JsonInclude.Value.construct(
                                        JsonInclude.Include.ALWAYS, JsonInclude.Include.ALWAYS))
                        .addModules(new JavaTimeModule(), new ValueTypes())
                        .addMixIn(AgentMessage.class, Tagged.class)
                        .registerSubtypes(AgentMessage.class.getPermittedSubclasses())
                        .addMixIn(CoordinatorMessage.class, Tagged.class)
                        .registerSubtypes(CoordinatorMessage.class.getPermittedSubclasses())
                        .addMixIn(TrustQuestion.class, Tagged.class)
                        .registerSubtypes(TrustQuestion.class.getPermittedSubclasses())
                        .addMixIn(TrustAnswer.class, Tagged.class)
                        .registerSubtypes(TrustAnswer.class.getPermittedSubclasses())
                        .addMixIn(AgentFrame.class, Tagged.class)
                        .registerSubtypes(AgentFrame.class.getPermittedSubclasses())
                        .addMixIn(CoordinatorFrame.class, Tagged.class)
                        .registerSubtypes(CoordinatorFrame.class.getPermittedSubclasses())
                        .build();
    }

    /// Each message carries its record's name.
    @JsonTypeInfo(use = JsonTypeInfo.Id.SIMPLE_NAME, property = "type")
    private interface Tagged {}

    private static <F extends TokenStreamFactory> F factory(F factory) {
        if (factory instanceof com.fasterxml.jackson.core.JsonFactory json) {
            json.setStreamReadConstraints(
                    StreamReadConstraints.builder()
                            .maxDocumentLength(LENGTH_MAX_BYTES)
                            .maxNestingDepth(50)
                            .build());
            json.setRecyclerPool(JsonRecyclerPools.newBoundedPool(BUFFERS_MAX));
        }
        return factory;
    }

    /// Reads the one `T` that the bytes hold.
    ///
    /// @throws MessageFormatException if they hold anything else, saying what and where
    public <T> T read(byte[] bytes, Class<T> type) throws MessageFormatException {
        try {
            @Nullable T value = mapper.readValue(bytes, type);
            if (value == null) {
                throw new MessageFormatException(name(type) + ": expected a value, got null");
            }
            return value;
        } catch (JacksonException malformed) {
            throw new MessageFormatException(name(type) + ": " + reason(malformed));
        } catch (IOException impossible) {
            throw new UncheckedIOException(impossible);
        }
    }

    /// Reads the one `T` that the text holds.
    ///
    /// @throws MessageFormatException if it holds anything else, saying what and where
    public <T> T read(String text, Class<T> type) throws MessageFormatException {
        return read(text.getBytes(StandardCharsets.UTF_8), type);
    }

    /// The bytes of a record; text formats are UTF-8.
    public byte[] write(Object value) {
        try {
            return mapper.writeValueAsBytes(value);
        } catch (JacksonException impossible) {
            throw new IllegalArgumentException("can't be written: " + value, impossible);
        }
    }

    /// The text of a record, for people: indented, and with the schema's name in front.
    ///
    /// @param schema the name and version of the text's form, as in `sparegrid.offers/1`
    public String writeWithSchema(String schema, Object value) {
        JsonNode tree = mapper.valueToTree(value);
        ObjectNode named = mapper.createObjectNode().put("schema", schema);
        if (tree instanceof ObjectNode object) {
            named.setAll(object);
        } else {
            named.set("value", tree);
        }
        return named.toPrettyString();
    }

    private static String name(Class<?> type) {
        return type.getSimpleName();
    }

    private static String reason(JacksonException malformed) {
        String place =
                malformed.getLocation() == null
                        ? ""
                        : " at " + malformed.getLocation().offsetDescription();
        Throwable cause = malformed.getCause();
        String message =
                cause instanceof IllegalArgumentException && cause.getMessage() != null
                        ? cause.getMessage()
                        : malformed.getOriginalMessage();
        return message + place;
    }
}
