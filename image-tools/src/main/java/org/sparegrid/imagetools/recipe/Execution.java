// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.imagetools.recipe;

import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// How a service of a recipe is started.
///
/// @param user whose account it runs as
/// @param after names of services that start before it
/// @param environment its variables, by name
public record Execution(String user, List<String> after, Map<String, String> environment) {
    /// As root, with nothing before it.
    public static final Execution PLAIN = new Execution("root", List.of(), Map.of());

    public Execution {
        after = List.copyOf(after);
        environment = Collections.unmodifiableMap(new TreeMap<>(environment));
    }
}
