// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.trade;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.sparegrid.coordinator.operation.GuestStream;
import org.sparegrid.coordinator.operation.RefusedException;
import org.sparegrid.coordinator.operation.RefusedException.Reason;
import org.sparegrid.coordinator.operation.Streams;
import org.sparegrid.coordinator.store.LeaseTable;
import org.sparegrid.protocol.AccountId;
import org.sparegrid.protocol.LeaseId;
import org.sparegrid.protocol.SellerId;
import org.sparegrid.protocol.StreamId;
import org.sparegrid.protocol.control.CoordinatorMessage.StreamWanted;

/// Asks agents for streams to their machines, and matches what they bring.
final class MachineStreams implements Streams {
    /// The agent gives the machine ten seconds, and itself ten more to connect.
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private final Exchange exchange;
    private final Map<StreamId, Wanted> wanted = new ConcurrentHashMap<>();

    /// A stream that somebody waits for.
    private record Wanted(SellerId seller, CompletableFuture<GuestStream> answer) {}

    MachineStreams(Exchange exchange) {
        this.exchange = exchange;
    }

    @Override
    public GuestStream open(AccountId account, LeaseId lease) throws InterruptedException {
        LeaseTable.Row row = exchange.read(tx -> Orders.findLease(tx, account, lease));
        if (!row.status().state().isLive()) {
            throw new RefusedException(Reason.CONFLICT, "the machine is gone");
        }
        if (!exchange.sessions().isConnected(row.seller())) {
            throw new RefusedException(
                    Reason.CONFLICT, "the seller's computer is not connected; try again soon");
        }
        StreamId id = exchange.draw(StreamId.PREFIX, StreamId::new);
        CompletableFuture<GuestStream> answer = new CompletableFuture<>();
        wanted.put(id, new Wanted(row.seller(), answer));
        try {
            exchange.sessions().send(row.seller(), new StreamWanted(lease, id));
            return answer.get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException refused) {
            if (refused.getCause() instanceof RefusedException no) {
                throw no;
            }
            throw new IllegalStateException(refused);
        } catch (InterruptedException left) {
            abandon(answer);
            throw left;
        } catch (TimeoutException silent) {
            abandon(answer);
            throw new RefusedException(
                    Reason.UNAVAILABLE,
                    "the seller's computer brought no stream within "
                            + PATIENCE.toSeconds()
                            + " s");
        } finally {
            wanted.remove(id);
        }
    }

    /// Nobody waits for it any more; it may have come in that moment.
    private static void abandon(CompletableFuture<GuestStream> answer) {
        if (!answer.cancel(false)) {
            var _ = answer.thenAccept(GuestStream::close);
        }
    }

    @Override
    public boolean brought(SellerId seller, StreamId stream, GuestStream carrier) {
        Wanted awaited = wanted.get(stream);
        return awaited != null && awaited.seller.equals(seller) && awaited.answer.complete(carrier);
    }

    /// The agent can't bring the stream.
    void refused(SellerId seller, StreamId stream, String why) {
        Wanted awaited = wanted.get(stream);
        if (awaited != null && awaited.seller.equals(seller)) {
            awaited.answer.completeExceptionally(new RefusedException(Reason.UNAVAILABLE, why));
        }
    }
}
