// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.store;

import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import org.sparegrid.protocol.LeaseId;
import org.sparegrid.protocol.SellerId;
import org.sparegrid.protocol.api.TrustAnswers;
import org.sparegrid.protocol.control.TrustAnswer;
import org.sparegrid.protocol.json.Format;
import org.sparegrid.protocol.json.MessageFormatException;

/// Sellers' TPMs, and what agents told the buyers of their machines.
public final class TrustTable {
    /// Of a lease the first answers are kept, with which its machine was let in, and the newest.
    private static final int FIRST_KEPT = 8;

    private static final int LAST_KEPT = 16;

    private final Handle handle;

    TrustTable(Handle handle) {
        this.handle = handle;
    }

    /// A seller's TPM as its certificate names it.
    ///
    /// @param keyDigest SHA-256 of the endorsement key in hexadecimal
    /// @param vendor whether a maker's root stands behind it
    /// @param level the highest level that the seller offers
    public record Tpm(
            SellerId seller,
            String keyDigest,
            String manufacturer,
            String model,
            String firmware,
            boolean vendor,
            int level) {}

    /// Which seller that TPM is known of.
    public Optional<SellerId> sellerOf(String keyDigest) {
        return handle.createQuery("select seller from seller_tpm where key_digest = :digest")
                .bind("digest", keyDigest)
                .map((row, _) -> new SellerId(row.getString("seller")))
                .findOne();
    }

    /// Keeps what a seller has proved.
    public void put(Tpm tpm, Instant now) {
        handle.createUpdate(
                        "insert into seller_tpm (seller, key_digest, manufacturer, model,"
                                + " firmware, vendor, level, proved) values (:seller, :digest,"
                                + " :manufacturer, :model, :firmware, :vendor, :level, :now) on"
                                + " conflict (seller) do update set key_digest = :digest,"
                                + " manufacturer = :manufacturer, model = :model, firmware ="
                                + " :firmware, vendor = :vendor, level = :level, proved = :now")
                .bind("seller", tpm.seller().value())
                .bind("digest", tpm.keyDigest())
                .bind("manufacturer", tpm.manufacturer())
                .bind("model", tpm.model())
                .bind("firmware", tpm.firmware())
                .bind("vendor", tpm.vendor() ? 1 : 0)
                .bind("level", tpm.level())
                .bind("now", now.toEpochMilli())
                .execute();
    }

    /// Notes that a lease's buyer sent word that lets his machine run.
    public void letIn(LeaseId lease) {
        handle.createUpdate(
                        "insert into trust_admission (lease) values (:lease) on conflict do nothing")
                .bind("lease", lease.value())
                .execute();
    }

    /// Whether he did.
    public boolean isLetIn(LeaseId lease) {
        return handle.createQuery("select count(*) from trust_admission where lease = :lease")
                        .bind("lease", lease.value())
                        .mapTo(Long.class)
                        .one()
                > 0;
    }

    /// Keeps an answer of a lease's agent.
    public void add(LeaseId lease, TrustAnswer answer) {
        long number = last(lease) + 1;
        handle.createUpdate("insert into trust_answer values (:lease, :number, :answer)")
                .bind("lease", lease.value())
                .bind("number", number)
                .bind("answer", Base64.getEncoder().encodeToString(Format.CBOR.write(answer)))
                .execute();
        handle.createUpdate(
                        "delete from trust_answer where lease = :lease and number > :first and"
                                + " number <= :last")
                .bind("lease", lease.value())
                .bind("first", FIRST_KEPT)
                .bind("last", number - LAST_KEPT)
                .execute();
    }

    private long last(LeaseId lease) {
        return handle.createQuery(
                        "select coalesce(max(number), 0) from trust_answer where lease = :lease")
                .bind("lease", lease.value())
                .mapTo(Long.class)
                .one();
    }

    /// The answers of a lease's agent after a number, at most `count` of them.
    public List<TrustAnswers.Numbered> answers(LeaseId lease, long after, int count) {
        return handle.createQuery(
                        "select number, answer from trust_answer where lease = :lease and number >"
                                + " :after order by number limit :count")
                .bind("lease", lease.value())
                .bind("after", after)
                .bind("count", count)
                .map((row, _) ->
                        new TrustAnswers.Numbered(
                                row.getLong("number"), answer(row.getString("answer"))))
                .list();
    }

    private static TrustAnswer answer(String base64) {
        try {
            return Format.CBOR.read(Base64.getDecoder().decode(base64), TrustAnswer.class);
        } catch (MessageFormatException damaged) {
            throw new IllegalStateException("the database holds a damaged answer", damaged);
        }
    }
}
