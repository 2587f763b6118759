// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.operation;

import java.time.Duration;
import org.sparegrid.protocol.AccountId;
import org.sparegrid.protocol.VolumeId;
import org.sparegrid.protocol.api.Volume;

/// Disks that outlive machines.
public interface VolumeDesk {
    /// Orders a volume on the computer that keeps it for least.
    ///
    /// @param idempotencyKey makes a repeated request the same volume, or empty
    Volume create(AccountId account, Volume.Request request, String idempotencyKey)
            throws RefusedException;

    Volume.Page list(AccountId account);

    /// The volume, at once or when its version is above `after` or `wait` has passed.
    Volume get(AccountId account, VolumeId volume, long after, Duration wait)
            throws RefusedException, InterruptedException;

    /// Has a volume removed that no machine uses.
    Volume remove(AccountId account, VolumeId volume) throws RefusedException;
}
