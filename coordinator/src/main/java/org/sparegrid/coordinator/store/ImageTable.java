// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.store;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.PreparedBatch;
import org.sparegrid.protocol.AccountId;
import org.sparegrid.protocol.ImageId;
import org.sparegrid.protocol.SellerId;
import org.sparegrid.protocol.api.ImageSummary;

/// Accounts' images, and who may read which chunk.
public final class ImageTable {
    private final Handle handle;

    ImageTable(Handle handle) {
        this.handle = handle;
    }

    /// An image of an account.
    ///
    /// @param imageKey the account's key when it was uploaded, in base64
    /// @param manifest the signed manifest in base64
    public record Row(ImageSummary summary, String imageKey, String manifest) {}

    /// Adds an image with its chunks, unless the account has it.
    public void insert(AccountId account, Row row, List<String> chunks) {
        ImageSummary image = row.summary;
        int added =
                handle.createUpdate(
                                "insert into image (id, account, name, size_bytes, chunks,"
                                        + " image_key, manifest, created) values (:id, :account,"
                                        + " :name, :size, :chunks, :key, :manifest, :created)"
                                        + " on conflict (id, account) do nothing")
                        .bind("id", image.id().value())
                        .bind("account", account.value())
                        .bind("name", image.name())
                        .bind("size", image.sizeBytes())
                        .bind("chunks", image.chunks())
                        .bind("key", row.imageKey)
                        .bind("manifest", row.manifest)
                        .bind("created", image.created().toEpochMilli())
                        .execute();
        if (added == 0 || chunks.isEmpty()) {
            return;
        }
        PreparedBatch batch =
                handle.prepareBatch(
                        """
                        insert into image_chunk (image, account, position, sha256, bytes)
                        values (:image, :account, :position, :sha256, coalesce(
                            (select bytes from chunk_upload
                                where account = :account and sha256 = :sha256),
                            (select max(bytes) from image_chunk
                                where account = :account and sha256 = :sha256),
                            0))
                        """);
        for (int i = 0; i < chunks.size(); i++) {
            batch.bind("image", image.id().value())
                    .bind("account", account.value())
                    .bind("position", i)
                    .bind("sha256", chunks.get(i))
                    .add();
        }
        batch.execute();
    }

    /// The account's image with that identifier.
    public Optional<Row> find(AccountId account, ImageId image) {
        return handle.createQuery("select * from image where id = :id and account = :account")
                .bind("id", image.value())
                .bind("account", account.value())
                .map((row, _) -> row(row))
                .findOne();
    }

    /// The key that signed an image that the account has; its manifest is not read.
    public String imageKey(AccountId account, ImageId image) {
        return handle.createQuery(
                        "select image_key from image where id = :id and account = :account")
                .bind("id", image.value())
                .bind("account", account.value())
                .mapTo(String.class)
                .one();
    }

    /// Whether the account has that image.
    public boolean has(AccountId account, ImageId image) {
        return handle.createQuery("select 1 from image where id = :id and account = :account")
                .bind("id", image.value())
                .bind("account", account.value())
                .mapTo(Integer.class)
                .findOne()
                .isPresent();
    }

    /// The account's images, newest first.
    public List<ImageSummary> list(AccountId account) {
        return handle.createQuery(
                        "select * from image where account = :account order by created desc, id")
                .bind("account", account.value())
                .map((row, _) -> row(row).summary)
                .list();
    }

    /// The chunks of an image, each once.
    public List<String> chunks(AccountId account, ImageId image) {
        return handle.createQuery(
                        "select distinct sha256 from image_chunk"
                                + " where image = :id and account = :account")
                .bind("id", image.value())
                .bind("account", account.value())
                .mapTo(String.class)
                .list();
    }

    /// Forgets what was sent before that time, and names it. Images keep their chunks by
    /// themselves; what none of its account's has takes no room of the account any more.
    public List<String> forgetUploads(Instant before, int limit) {
        List<String> forgotten =
                handle.createQuery(
                                "select sha256 from chunk_upload where created < :before limit"
                                        + " :limit")
                        .bind("before", before.toEpochMilli())
                        .bind("limit", limit)
                        .mapTo(String.class)
                        .list();
        for (String sha256 : forgotten) {
            handle.createUpdate(
                            """
                            update account set image_bytes = image_bytes - (
                                select u.bytes from chunk_upload u
                                where u.account = account.id and u.sha256 = :sha256)
                            where id in (
                                select u.account from chunk_upload u
                                where u.sha256 = :sha256 and u.created < :before
                                and not exists (
                                    select 1 from image_chunk c
                                    where c.account = u.account and c.sha256 = :sha256))
                            """)
                    .bind("sha256", sha256)
                    .bind("before", before.toEpochMilli())
                    .execute();
            handle.createUpdate(
                            "delete from chunk_upload where sha256 = :sha256"
                                    + " and created < :before")
                    .bind("sha256", sha256)
                    .bind("before", before.toEpochMilli())
                    .execute();
        }
        return forgotten;
    }

    /// Whether an image or an upload of anybody names the chunk.
    public boolean isUsed(String sha256) {
        return handle.createQuery(
                        "select 1 from chunk_upload where sha256 = :sha256 union all"
                                + " select 1 from image_chunk where sha256 = :sha256 limit 1")
                .bind("sha256", sha256)
                .mapTo(Integer.class)
                .findFirst()
                .isPresent();
    }

    /// How many bytes the chunks of an image have that the account has for nothing else.
    public long ownBytes(AccountId account, ImageId image) {
        return handle.createQuery(
                        """
                        select coalesce(sum(own.bytes), 0) from (
                            select max(c.bytes) as bytes from image_chunk c
                            where c.image = :image and c.account = :account
                            and not exists (
                                select 1 from image_chunk o where o.account = :account
                                and o.sha256 = c.sha256 and o.image <> :image)
                            and not exists (
                                select 1 from chunk_upload u where u.account = :account
                                and u.sha256 = c.sha256)
                            group by c.sha256) own
                        """)
                .bind("image", image.value())
                .bind("account", account.value())
                .mapTo(Long.class)
                .one();
    }

    /// Removes an image of the account; its chunks stay on disk, as others may use them.
    public boolean delete(AccountId account, ImageId image) {
        handle.createUpdate("delete from image_chunk where image = :id and account = :account")
                .bind("id", image.value())
                .bind("account", account.value())
                .execute();
        return handle.createUpdate("delete from image where id = :id and account = :account")
                        .bind("id", image.value())
                        .bind("account", account.value())
                        .execute()
                > 0;
    }

    /// Remembers that the account sent a chunk.
    public void addUpload(AccountId account, String sha256, int lengthBytes, Instant now) {
        handle.createUpdate(
                        "insert into chunk_upload (account, sha256, bytes, created)"
                                + " values (:account, :sha256, :bytes, :now)"
                                + " on conflict (account, sha256) do nothing")
                .bind("account", account.value())
                .bind("sha256", sha256)
                .bind("bytes", lengthBytes)
                .bind("now", now.toEpochMilli())
                .execute();
    }

    /// Whether the account sent the chunk, or has an image with it.
    public boolean hasChunk(AccountId account, String sha256) {
        return exists(
                "select 1 from chunk_upload where account = :reader and sha256 = :sha256 union all"
                        + " select 1 from image_chunk where account = :reader"
                        + " and sha256 = :sha256 limit 1",
                account.value(),
                sha256);
    }

    /// Whether a live lease of the seller boots an image with that chunk.
    public boolean mayFetchChunk(SellerId seller, String sha256) {
        return exists(
                "select 1 from lease l join buyer_order o on l.buyer_order = o.id"
                        + " join image_chunk c on c.account = o.account and c.image = o.image"
                        + " where l.seller = :reader and l.state in "
                        + LeaseTable.LIVE
                        + " and c.sha256 = :sha256 limit 1",
                seller.value(),
                sha256);
    }

    /// The image that a live lease of the seller boots.
    public Optional<Row> findForSeller(SellerId seller, ImageId image) {
        return handle.createQuery(
                        "select i.* from lease l join buyer_order o on l.buyer_order = o.id"
                                + " join image i on i.account = o.account and i.id = o.image"
                                + " where l.seller = :seller and l.state in "
                                + LeaseTable.LIVE
                                + " and i.id = :image limit 1")
                .bind("seller", seller.value())
                .bind("image", image.value())
                .map((row, _) -> row(row))
                .findOne();
    }

    /// The accounts for which live leases of the seller boot the image.
    public List<AccountId> accountsOf(SellerId seller, ImageId image) {
        return handle.createQuery(
                        "select distinct o.account from lease l"
                                + " join buyer_order o on l.buyer_order = o.id"
                                + " where l.seller = :seller and l.state in "
                                + LeaseTable.LIVE
                                + " and o.image = :image order by o.account")
                .bind("seller", seller.value())
                .bind("image", image.value())
                .mapTo(String.class)
                .map(AccountId::new)
                .list();
    }

    private boolean exists(String sql, String reader, String sha256) {
        return handle.createQuery(sql)
                .bind("reader", reader)
                .bind("sha256", sha256)
                .mapTo(Integer.class)
                .findFirst()
                .isPresent();
    }

    private static Row row(ResultSet row) throws SQLException {
        return new Row(
                new ImageSummary(
                        new ImageId(row.getString("id")),
                        row.getString("name"),
                        row.getLong("size_bytes"),
                        row.getInt("chunks"),
                        Instant.ofEpochMilli(row.getLong("created"))),
                row.getString("image_key"),
                row.getString("manifest"));
    }
}
