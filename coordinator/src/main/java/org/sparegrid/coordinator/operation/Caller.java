// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.operation;

import org.sparegrid.protocol.AccountId;
import org.sparegrid.protocol.SellerId;

/// Who makes a request.
public sealed interface Caller {
    /// A person with a valid session.
    record Person(AccountId account) implements Caller {}

    /// A seller's computer with a valid client certificate that isn't revoked.
    record Agent(SellerId seller) implements Caller {}
}
