// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.trade;

import java.time.Duration;
import java.util.Arrays;
import java.util.Base64;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.sparegrid.coordinator.operation.RefusedException;
import org.sparegrid.coordinator.operation.RefusedException.Reason;
import org.sparegrid.coordinator.store.LeaseTable;
import org.sparegrid.protocol.AccountId;
import org.sparegrid.protocol.LeaseId;
import org.sparegrid.protocol.SellerId;
import org.sparegrid.protocol.api.ConsolePart;
import org.sparegrid.protocol.control.AgentMessage;
import org.sparegrid.protocol.control.Blob;
import org.sparegrid.protocol.control.CoordinatorMessage;

/// The serial consoles of machines: their last output in memory, and what buyers type.
public final class Consoles {
    /// What is kept of one console.
    static final int KEPT_MAX_BYTES = 256 << 10;

    private final Exchange exchange;
    private final Map<LeaseId, Kept> kept = new ConcurrentHashMap<>();

    public Consoles(Exchange exchange) {
        this.exchange = exchange;
    }

    /// The end of what a machine wrote, from `offset` on.
    @SuppressWarnings("ArrayRecordComponent") // Never compared, and copied before it leaves.
    private record Kept(long offset, byte[] bytes) {
        static final Kept NONE = new Kept(0, new byte[0]);

        long end() {
            return offset + bytes.length;
        }

        /// Adds what begins at `from`; a gap or a restart replaces what was kept.
        Kept plus(long from, byte[] more) {
            if (from < offset || from > end()) {
                return new Kept(from, more).cut();
            }
            int keep = Math.toIntExact(from - offset);
            byte[] all = Arrays.copyOf(bytes, keep + more.length);
            System.arraycopy(more, 0, all, keep, more.length);
            return new Kept(offset, all).cut();
        }

        private Kept cut() {
            int over = bytes.length - KEPT_MAX_BYTES;
            return over <= 0
                    ? this
                    : new Kept(offset + over, Arrays.copyOfRange(bytes, over, bytes.length));
        }
    }

    /// Takes output of a live machine of that seller.
    void append(SellerId seller, AgentMessage.ConsoleOutput output) {
        if (output.offset() < 0 || !isLive(seller, output.lease())) {
            return;
        }
        kept.compute(
                output.lease(),
                (_, old) ->
                        (old == null ? Kept.NONE : old)
                                .plus(output.offset(), output.bytes().toBytes()));
        exchange.signals().raise(key(output.lease()));
    }

    /// Moves what a machine wrote to the database, as it ends.
    void keep(LeaseId lease) {
        Kept last = kept.get(lease);
        if (last != null) {
            exchange.change((tx, _, _) -> {
                tx.leases()
                        .putConsole(
                                lease, last.offset, Base64.getEncoder().encodeToString(last.bytes));
                return true;
            });
            kept.remove(lease);
        }
        exchange.signals().raise(key(lease));
    }

    /// Drops the consoles of machines that are gone, and keeps the others across a restart.
    public void keepAll() {
        kept.keySet().forEach(this::keep);
    }

    /// What a machine of the account wrote from `from` on, as soon as there is something.
    public ConsolePart read(AccountId account, LeaseId lease, long from, Duration wait) {
        return exchange.signals()
                .await(
                        key(lease),
                        wait,
                        () -> part(account, lease, from),
                        part -> part.bytes().length() > 0 || part.ended());
    }

    /// Types on a machine's console.
    public void write(AccountId account, LeaseId lease, Blob keys) {
        LeaseTable.Row row = exchange.read(tx -> Orders.findLease(tx, account, lease));
        if (!row.status().state().isLive()) {
            throw new RefusedException(Reason.CONFLICT, "the machine is gone");
        }
        if (!exchange.sessions().isConnected(row.seller())) {
            throw new RefusedException(
                    Reason.CONFLICT, "the seller's computer is not connected; try again soon");
        }
        exchange.sessions().send(row.seller(), new CoordinatorMessage.ConsoleInput(lease, keys));
    }

    private ConsolePart part(AccountId account, LeaseId lease, long from) {
        LeaseTable.Row row = exchange.read(tx -> Orders.findLease(tx, account, lease));
        Kept all =
                Optional.ofNullable(kept.get(lease))
                        .or(() ->
                                exchange.read(tx -> tx.leases().console(lease).map(Consoles::kept)))
                        .orElse(Kept.NONE);
        long start = Math.min(Math.max(from, all.offset), all.end());
        int first = Math.toIntExact(start - all.offset);
        int length = Math.min(all.bytes.length - first, Blob.LENGTH_MAX_BYTES);
        byte[] bytes = Arrays.copyOfRange(all.bytes, first, first + length);
        boolean ended = !row.status().state().isLive() && start + length == all.end();
        return new ConsolePart(start, new Blob(bytes), ended);
    }

    private boolean isLive(SellerId seller, LeaseId lease) {
        return exchange.read(tx ->
                tx.leases()
                        .find(lease)
                        .filter(row -> row.seller().equals(seller) && row.status().state().isLive())
                        .isPresent());
    }

    private static Kept kept(LeaseTable.Console console) {
        return new Kept(console.offset(), Base64.getDecoder().decode(console.content()));
    }

    private static String key(LeaseId lease) {
        return "console " + lease;
    }
}
