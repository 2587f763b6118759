// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.payment;

/// A payment that was begun.
///
/// @param payAt where the buyer confirms it, or empty where nothing is to be confirmed
public record TopUp(String payAt) {}
