// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet.portmapping;

import java.io.IOException;

/// A router has understood that a port is wanted and has said no.
final class MappingRefusedException extends IOException {
    private static final long serialVersionUID = 1;

    /// Says who refused, and why.
    MappingRefusedException(String message) {
        super(message);
    }
}
