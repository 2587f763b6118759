// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.operation;

import java.util.List;
import org.sparegrid.protocol.AccountId;
import org.sparegrid.protocol.api.SshKey;

/// Who may use the SSH gateway, and the record of what was done there.
public interface SshAccess {
    /// Adds a key to an account.
    SshKey add(AccountId account, SshKey.Request request) throws RefusedException;

    SshKey.Page list(AccountId account);

    /// Removes a key; what was opened with it ends soon.
    void remove(AccountId account, String fingerprint) throws RefusedException;

    /// The accounts for which that key is good now.
    List<AccountId> whose(String fingerprint);

    /// Writes an entry to the audit log.
    ///
    /// @param actor an account, or an address that is nobody's
    void note(String actor, String action, String subject, String detail);

    /// The gateway serves from now on.
    ///
    /// @param place `HOST:PORT`
    /// @param hostKey the fingerprint of its host key
    void opened(String place, String hostKey);
}
