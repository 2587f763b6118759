// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.attestation.tpm.device;

import org.sparegrid.attestation.wire.ByteWriter;
import org.sparegrid.attestation.wire.Octets;

/// What a command is about, and the name that a session's HMAC covers.
record NamedHandle(long handle, Octets name) {
    /// A register, hierarchy or session, whose name is its handle.
    static NamedHandle of(long handle) {
        return new NamedHandle(handle, Octets.of(new ByteWriter().u32(handle).toBytes()));
    }

    static NamedHandle of(LoadedKey key) {
        return new NamedHandle(key.handle(), key.name());
    }
}
