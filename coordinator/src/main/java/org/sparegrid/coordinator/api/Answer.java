// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.api;

import java.io.IOException;
import org.sparegrid.coordinator.image.KeptBytes;
import org.sparegrid.protocol.json.Format;

/// What a request is answered with.
///
/// @param status the HTTP status
/// @param type the media type, or empty without a body
/// @param body the body
/// @param coded whether the body is coded by [org.sparegrid.protocol.http.Gzip]
/// @param waitSeconds after which time the client may try again, 0 if nothing is said of it
@SuppressWarnings("ArrayRecordComponent") // It goes straight to the socket and is never compared.
record Answer(int status, String type, byte[] body, boolean coded, int waitSeconds) {
    Answer(int status, String type, byte[] body) {
        this(status, type, body, false, 0);
    }

    static Answer ok(Object value) {
        return new Answer(200, "application/json", Format.JSON.write(value));
    }

    static Answer of(int status, Object value) {
        return new Answer(status, "application/json", Format.JSON.write(value));
    }

    static Answer created(Object value) {
        return new Answer(201, "application/json", Format.JSON.write(value));
    }

    static Answer done() {
        return new Answer(204, "", new byte[0]);
    }

    /// The same, with the advice to wait.
    Answer after(int seconds) {
        return new Answer(status, type, body, coded, seconds);
    }

    static Answer octets(byte[] bytes) {
        return new Answer(200, "application/octet-stream", bytes);
    }

    /// What is kept, coded if the client takes it so.
    static Answer octets(KeptBytes kept, boolean takesCoded) throws IOException {
        return kept.coded() && takesCoded
                ? new Answer(200, "application/octet-stream", kept.bytes(), true, 0)
                : octets(kept.plain());
    }
}
