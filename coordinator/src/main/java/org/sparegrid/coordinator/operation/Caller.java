// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.operation;

import java.util.Set;
import org.sparegrid.protocol.AccountId;
import org.sparegrid.protocol.KeyId;
import org.sparegrid.protocol.SellerId;
import org.sparegrid.protocol.api.ApiKey;

/// Who makes a request.
public sealed interface Caller {
    /// Someone who acts for an account.
    sealed interface Holder extends Caller {
        AccountId account();
    }

    /// A person with a valid session.
    record Person(AccountId account) implements Holder {}

    /// A program with an API key that is neither over nor revoked.
    ///
    /// @param scopes what the key is good for
    record Program(AccountId account, KeyId key, Set<ApiKey.Scope> scopes) implements Holder {
        public Program {
            scopes = Set.copyOf(scopes);
        }
    }

    /// A seller's computer with a valid client certificate that isn't revoked.
    record Agent(SellerId seller) implements Caller {}
}
