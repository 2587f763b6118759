// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.protocol.api;

/// Sets the key that signs an account's images. Images signed by an earlier key stay as they are.
///
/// @param publicKey an Ed25519 key, 32 bytes in base64
public record ImageKey(String publicKey) {}
