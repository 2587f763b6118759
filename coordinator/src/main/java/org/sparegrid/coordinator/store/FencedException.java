// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.store;

/// Another node leads by now, so nothing was written.
public final class FencedException extends RuntimeException {
    private static final long serialVersionUID = 1;

    FencedException(long epoch) {
        super("store: another node leads since epoch " + epoch);
    }
}
