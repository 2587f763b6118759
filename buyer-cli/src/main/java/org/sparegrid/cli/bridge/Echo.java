// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.cli.bridge;

/// The answer to a ping.
///
/// @param endpoint the UDP address in use, or empty
/// @param roundTripMicros how long it took, or -1 if nothing came back in time
public record Echo(String name, String address, String endpoint, long roundTripMicros) {}
