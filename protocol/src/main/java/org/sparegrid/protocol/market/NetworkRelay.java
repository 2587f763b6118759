// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.protocol.market;

/// A relay that forwards between the members of a network while they can't reach each other.
///
/// @param endpoint its UDP port, `host:port` or `[address]:port`
/// @param publicKey the key by which it proves to be the one, 32 bytes in base64
/// @param stream where it also takes a WebSocket, for machines that UDP does not reach; relative to
///   the coordinator's address; empty if nowhere
public record NetworkRelay(String endpoint, String publicKey, String stream) {}
