// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.protocol.api;

import java.util.List;

/// All rules of an account.
///
/// @param rules the rules
public record Rules(List<Rule> rules) {
    public Rules {
        rules = List.copyOf(rules);
    }
}
