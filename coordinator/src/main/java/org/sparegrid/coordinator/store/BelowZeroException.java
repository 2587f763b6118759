// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.store;

import java.io.Serial;

/// A transfer would have made a balance negative that may not be; nothing was booked.
public final class BelowZeroException extends RuntimeException {
    @Serial private static final long serialVersionUID = 1;

    BelowZeroException(String book) {
        super("ledger: the balance of " + book + " does not suffice");
    }
}
