// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.ssh;

import java.util.ArrayList;
import java.util.List;
import org.sparegrid.coordinator.operation.Operations;
import org.sparegrid.coordinator.operation.RefusedException;
import org.sparegrid.coordinator.operation.RefusedException.Reason;
import org.sparegrid.protocol.AccountId;
import org.sparegrid.protocol.market.Lease;
import org.sparegrid.protocol.market.Order;

/// Finds the machine that a client means.
final class Machines {
    private final Operations operations;

    /// A machine of an account.
    record Machine(AccountId account, Lease lease) {
        String name() {
            return lease.name() + "." + lease.network();
        }
    }

    Machines(Operations operations) {
        this.operations = operations;
    }

    /// The live machine of one of the accounts: `node1` if there is only one of that name,
    /// `node1.ORDER`, or its lease.
    ///
    /// @throws RefusedException if there is none, or several
    Machine find(List<AccountId> accounts, String name) throws RefusedException {
        List<Machine> found = new ArrayList<>();
        for (AccountId account : accounts) {
            for (Order order : operations.orders(account).orders()) {
                for (Lease lease : order.leases()) {
                    Machine machine = new Machine(account, lease);
                    if (lease.state().isLive() && isNamed(machine, name)) {
                        found.add(machine);
                    }
                }
            }
        }
        if (found.isEmpty()) {
            throw new RefusedException(
                    Reason.NOT_FOUND,
                    "there is no such machine of yours that lives; log in with the name of one,"
                            + " as in ssh node1.ORDER@...; see sparegrid vm ls");
        }
        if (found.size() > 1) {
            List<String> names = found.stream().limit(5).map(Machine::name).toList();
            throw new RefusedException(
                    Reason.CONFLICT,
                    "several machines have that name; say which: "
                            + String.join(", ", names)
                            + " or the lease");
        }
        return found.getFirst();
    }

    private static boolean isNamed(Machine machine, String name) {
        return machine.lease().id().value().equals(name)
                || machine.lease().name().equals(name)
                || machine.name().equals(name);
    }
}
