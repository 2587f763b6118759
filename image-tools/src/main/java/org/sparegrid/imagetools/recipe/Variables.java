// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.imagetools.recipe;

import java.util.Map;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// The values that a recipe's author may give once and use in many places, as `${{ NAME }}`.
///
/// Braces are doubled so that a shell's own `${NAME}` in a command stays what it is.
record Variables(Map<String, String> values) {
    static final Variables NONE = new Variables(Map.of());

    private static final Pattern USE = Pattern.compile("\\$\\{\\{([^{}\\n]{0,200})\\}\\}");

    Variables {
        values = Map.copyOf(values);
    }

    /// `text` with each use replaced by its value; a use of an unknown name goes to `faults`.
    String expand(String text, Consumer<String> faults) {
        Matcher uses = USE.matcher(text);
        StringBuilder expanded = new StringBuilder();
        while (uses.find()) {
            uses.appendReplacement(expanded, value(uses.group(1).strip(), faults));
            if (expanded.length() > Recipe.BYTES_MAX) {
                faults.accept("longer than 1048576 characters with its variables replaced");
                return "";
            }
        }
        return uses.appendTail(expanded).toString();
    }

    private String value(String name, Consumer<String> faults) {
        String value = values.get(name);
        if (value == null) {
            faults.accept("unknown variable \"" + YamlFaults.shown(name) + "\"" + meant(name));
            return "";
        }
        return Matcher.quoteReplacement(value);
    }

    private String meant(String name) {
        return NearestKey.to(YamlFaults.shown(name), values.keySet())
                .map(nearest -> ", did you mean \"" + nearest + "\"?")
                .orElse(
                        values.isEmpty()
                                ? ", the recipe has no variables"
                                : ", known variables are " + YamlFaults.sorted(values.keySet()));
    }
}
