// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.ssh;

import java.util.HashMap;
import java.util.Map;
import org.sparegrid.coordinator.operation.RefusedException;
import org.sparegrid.coordinator.operation.RefusedException.Reason;
import org.sparegrid.protocol.AccountId;

/// What is open of one kind, so that it stays little.
final class Seats {
    static final int OF_ACCOUNT_MAX = 8;
    private static final int MAX = 200;

    private final String what;
    private final Map<AccountId, Integer> taken = new HashMap<>();
    private int all;

    /// @param what they are called, as in `consoles`
    Seats(String what) {
        this.what = what;
    }

    /// @throws RefusedException if there is no room
    synchronized void take(AccountId account) throws RefusedException {
        int own = taken.getOrDefault(account, 0);
        if (own >= OF_ACCOUNT_MAX) {
            throw new RefusedException(
                    Reason.CONFLICT,
                    "an account has at most " + OF_ACCOUNT_MAX + " " + what + " open; close one");
        }
        if (all >= MAX) {
            throw new RefusedException(
                    Reason.UNAVAILABLE, "too many " + what + " are open; try again later");
        }
        taken.put(account, own + 1);
        all++;
    }

    synchronized void giveBack(AccountId account) {
        taken.computeIfPresent(account, (_, own) -> own == 1 ? null : own - 1);
        all--;
    }

    synchronized int all() {
        return all;
    }
}
