// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.command;

import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;

/// A stream of a machine that gives back what it gets.
final class FakeStream implements WebSocket.Listener {
    private final CompletableFuture<Integer> end = new CompletableFuture<>();

    /// Waits until the coordinator has ended it.
    ///
    /// @return the status of the close
    int awaitEnd() throws Exception {
        return end.get(Trial.PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
    }

    @Override
    public CompletionStage<?> onBinary(WebSocket from, ByteBuffer data, boolean last) {
        byte[] bytes = new byte[data.remaining()];
        data.get(bytes);
        return from.sendBinary(ByteBuffer.wrap(bytes), last)
                .thenAccept(socket -> socket.request(1));
    }

    @Override
    public CompletionStage<?> onClose(WebSocket by, int status, String reason) {
        end.complete(status);
        return null;
    }

    @Override
    public void onError(WebSocket by, Throwable error) {
        end.complete(1006);
    }
}
