// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet.crypto;

/// The two keys of a session.
///
/// @param send seals what goes out
/// @param receive opens what comes in
public record TransportKeys(AeadKey send, AeadKey receive) {}
