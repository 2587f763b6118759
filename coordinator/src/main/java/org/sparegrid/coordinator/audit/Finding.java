// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.audit;

import java.util.List;

/// What an audit found.
///
/// @param records how many there are
/// @param head the last one's number and seal, to be noted down elsewhere
/// @param faults what is wrong; empty if nothing is
public record Finding(long records, Known head, List<String> faults) {
    public Finding {
        faults = List.copyOf(faults);
    }
}
