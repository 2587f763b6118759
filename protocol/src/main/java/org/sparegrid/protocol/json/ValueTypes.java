// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.protocol.json;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.SerializerProvider;
import com.fasterxml.jackson.databind.deser.std.StdDeserializer;
import com.fasterxml.jackson.databind.exc.InvalidFormatException;
import com.fasterxml.jackson.databind.module.SimpleModule;
import com.fasterxml.jackson.databind.ser.std.StdSerializer;
import java.io.IOException;
import java.util.function.Function;
import org.sparegrid.protocol.AccountId;
import org.sparegrid.protocol.AdjustmentId;
import org.sparegrid.protocol.Credits;
import org.sparegrid.protocol.DepositId;
import org.sparegrid.protocol.Identifier;
import org.sparegrid.protocol.ImageId;
import org.sparegrid.protocol.KeyId;
import org.sparegrid.protocol.LeaseId;
import org.sparegrid.protocol.MemberId;
import org.sparegrid.protocol.NetworkId;
import org.sparegrid.protocol.OrderId;
import org.sparegrid.protocol.PayoutId;
import org.sparegrid.protocol.SellerId;
import org.sparegrid.protocol.SlotId;
import org.sparegrid.protocol.StreamId;
import org.sparegrid.protocol.VolumeId;
import org.sparegrid.protocol.control.Blob;
import org.sparegrid.protocol.market.Query;
import org.sparegrid.protocol.market.QueryException;
import org.sparegrid.protocol.market.Term;
import org.sparegrid.protocol.market.WeekHours;

/// Writes identifiers and amounts as text, and bytes as bytes (base64 in JSON).
final class ValueTypes extends SimpleModule {
    private static final long serialVersionUID = 1;

    ValueTypes() {
        identifier(AccountId.class, AccountId::new);
        identifier(AdjustmentId.class, AdjustmentId::new);
        identifier(DepositId.class, DepositId::new);
        identifier(PayoutId.class, PayoutId::new);
        identifier(ImageId.class, ImageId::new);
        identifier(KeyId.class, KeyId::new);
        identifier(LeaseId.class, LeaseId::new);
        identifier(MemberId.class, MemberId::new);
        identifier(NetworkId.class, NetworkId::new);
        identifier(OrderId.class, OrderId::new);
        identifier(SellerId.class, SellerId::new);
        identifier(SlotId.class, SlotId::new);
        identifier(StreamId.class, StreamId::new);
        identifier(VolumeId.class, VolumeId::new);
        text(Query.class, Query::toString, ValueTypes::query);
        text(Term.class, Term::toString, ValueTypes::term);
        text(Credits.class, Credits::toString, Credits::parse);
        text(WeekHours.class, WeekHours::toString, WeekHours::parse);
        addSerializer(new BlobWriter());
        addDeserializer(Blob.class, new BlobReader());
    }

    private <T extends Identifier> void identifier(Class<T> type, Function<String, T> read) {
        text(type, Identifier::value, read);
    }

    private <T> void text(Class<T> type, Function<T, String> write, Function<String, T> read) {
        addSerializer(new TextWriter<>(type, write));
        addDeserializer(type, new TextReader<>(type, read));
    }

    private static Query query(String text) {
        try {
            return Query.parse(text);
        } catch (QueryException wrong) {
            throw new IllegalArgumentException(wrong.getMessage(), wrong);
        }
    }

    private static Term term(String text) {
        Query query = query(text);
        if (query.terms().size() != 1) {
            throw new IllegalArgumentException("query: expected one term");
        }
        return query.terms().getFirst();
    }

    private static final class TextWriter<T> extends StdSerializer<T> {
        private static final long serialVersionUID = 1;
        private final transient Function<T, String> write;

        TextWriter(Class<T> type, Function<T, String> write) {
            super(type);
            this.write = write;
        }

        @Override
        public void serialize(T value, JsonGenerator out, SerializerProvider provider)
                throws IOException {
            out.writeString(write.apply(value));
        }
    }

    private static final class TextReader<T> extends StdDeserializer<T> {
        private static final long serialVersionUID = 1;
        private final transient Function<String, T> read;

        TextReader(Class<T> type, Function<String, T> read) {
            super(type);
            this.read = read;
        }

        @Override
        public T deserialize(JsonParser in, DeserializationContext context) throws IOException {
            if (!in.currentToken().isScalarValue() || in.currentToken().isNumeric()) {
                throw new InvalidFormatException(in, "expected text", in.getText(), handledType());
            }
            try {
                return read.apply(in.getText());
            } catch (IllegalArgumentException refused) {
                throw new InvalidFormatException(
                        in, String.valueOf(refused.getMessage()), in.getText(), handledType());
            }
        }
    }

    private static final class BlobWriter extends StdSerializer<Blob> {
        private static final long serialVersionUID = 1;

        BlobWriter() {
            super(Blob.class);
        }

        @Override
        public void serialize(Blob value, JsonGenerator out, SerializerProvider provider)
                throws IOException {
            out.writeBinary(value.toBytes());
        }
    }

    private static final class BlobReader extends StdDeserializer<Blob> {
        private static final long serialVersionUID = 1;

        BlobReader() {
            super(Blob.class);
        }

        @Override
        public Blob deserialize(JsonParser in, DeserializationContext context) throws IOException {
            try {
                return new Blob(in.getBinaryValue());
            } catch (IllegalArgumentException refused) {
                throw new InvalidFormatException(
                        in, String.valueOf(refused.getMessage()), "", Blob.class);
            }
        }
    }
}
