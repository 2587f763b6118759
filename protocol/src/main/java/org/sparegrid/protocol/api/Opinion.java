// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.protocol.api;

/// What a party of a lease that ended says of the other. The first word stands.
///
/// @param good whether it would deal with the other again
public record Opinion(boolean good) {}
