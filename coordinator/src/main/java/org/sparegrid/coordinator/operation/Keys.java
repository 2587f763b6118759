// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.operation;

import org.sparegrid.protocol.AccountId;
import org.sparegrid.protocol.KeyId;
import org.sparegrid.protocol.api.ApiKey;

/// Secrets with which programs act for an account, and public keys with which people log in by SSH.
public interface Keys {
    /// Makes a key; only this answer holds its token.
    ApiKey.Made make(AccountId account, ApiKey.Request request) throws RefusedException;

    ApiKey.Page list(AccountId account);

    /// Ends a key at once; what it ordered runs on.
    ApiKey revoke(AccountId account, KeyId key) throws RefusedException;

    /// The keys for the SSH gateway.
    SshAccess ssh();
}
