// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.imagetools.recipe;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;
import org.snakeyaml.engine.v2.nodes.Tag;

/// Takes the parts of a YAML tree and notes every fault with its line.
final class YamlFaults {
    /// More would scroll away the first, which matters most.
    private static final int FAULTS_MAX = 20;

    /// What a shell takes as a variable's name.
    private static final Pattern NAME = Pattern.compile("[A-Za-z_][A-Za-z0-9_]{0,63}");

    /// Four times the longest recipe: short variables used often fit, a bomb does not.
    private static final long EXPANDED_CHARACTERS_MAX = 4L * Recipe.BYTES_MAX;

    private static final int SHOWN_CHARACTERS_MAX = 60;

    private final String fileName;
    private final List<String> faults = new ArrayList<>();
    private Variables variables = Variables.NONE;
    private long expandedCharacters;

    YamlFaults(String fileName) {
        this.fileName = fileName;
    }

    List<String> all() {
        return faults;
    }

    /// From now on texts have their variables replaced.
    void use(Variables known) {
        variables = known;
    }

    static String sorted(Collection<String> names) {
        return String.join(", ", new TreeSet<>(names));
    }

    void add(Node node, String fault) {
        add(node.getStartMark().map(mark -> mark.getLine() + 1).orElse(1), fault);
    }

    void add(int line, String fault) {
        if (faults.size() < FAULTS_MAX) {
            faults.add(fileName + ":" + line + ": " + fault);
        }
    }

    static String shown(String text) {
        String line = text.lines().findFirst().orElse("");
        return line.length() > SHOWN_CHARACTERS_MAX
                ? line.substring(0, SHOWN_CHARACTERS_MAX) + "…"
                : line;
    }

    /// The values of a mapping by key; keys that are not in `known` are faults.
    Map<String, Node> mapping(Node node, String what, List<String> known) {
        Map<String, Node> values = new LinkedHashMap<>();
        if (!(node instanceof MappingNode mapping)) {
            add(
                    node,
                    what
                            + ": expected keys and values, known keys are "
                            + String.join(", ", known));
            return values;
        }
        for (NodeTuple entry : mapping.getValue()) {
            Node keyNode = entry.getKeyNode();
            String key = keyNode instanceof ScalarNode scalar ? scalar.getValue() : "";
            if (!known.contains(key)) {
                add(keyNode, what + ": unknown key \"" + shown(key) + "\"" + meant(key, known));
            } else if (values.putIfAbsent(key, entry.getValueNode()) != null) {
                add(keyNode, what + ": key \"" + key + "\" stands here twice");
            }
        }
        return values;
    }

    private static String meant(String key, List<String> known) {
        return NearestKey.to(shown(key), known)
                .map(nearest -> ", did you mean \"" + nearest + "\"?")
                .orElse(", known keys are " + String.join(", ", known));
    }

    /// The entries of a list of at most `max` entries.
    List<Node> list(Node node, String what, int max) {
        if (!(node instanceof SequenceNode sequence)) {
            add(node, what + ": expected a list");
            return List.of();
        }
        if (sequence.getValue().size() > max) {
            add(
                    node,
                    what
                            + ": expected at most "
                            + max
                            + " entries, got "
                            + sequence.getValue().size());
            return List.of();
        }
        return sequence.getValue();
    }

    /// The text of a scalar that is not empty.
    Optional<String> text(Node node, String what) {
        if (!(node instanceof ScalarNode scalar)) {
            add(node, what + ": expected a text");
            return Optional.empty();
        }
        if (scalar.getTag().equals(Tag.NULL) || scalar.getValue().isEmpty()) {
            add(node, what + ": expected a text, got nothing");
            return Optional.empty();
        }
        return Optional.of(expanded(scalar, what));
    }

    /// The text of `scalar`, which may be empty, with its variables replaced.
    String expanded(ScalarNode scalar, String what) {
        String text =
                variables.expand(scalar.getValue(), fault -> add(scalar, what + ": " + fault));
        expandedCharacters += text.length();
        if (expandedCharacters > EXPANDED_CHARACTERS_MAX) {
            add(scalar, what + ": the recipe is too long with its variables replaced");
            return "";
        }
        return text;
    }

    /// A text that `good` allows, else nothing and a fault.
    Optional<String> checked(Node node, String what, String expected, Predicate<String> good) {
        Optional<String> text = text(node, what);
        if (text.isPresent() && !good.test(text.get())) {
            add(node, what + ": expected " + expected + ", got \"" + shown(text.get()) + "\"");
            return Optional.empty();
        }
        return text;
    }

    /// The texts of a list, of which each must be `good`.
    List<String> texts(
            @Nullable Node node, String what, int max, String expected, Predicate<String> good) {
        if (node == null) {
            return List.of();
        }
        return list(node, what, max).stream()
                .flatMap(entry -> checked(entry, what, expected, good).stream())
                .toList();
    }

    /// The texts of a mapping by key, of which each key and value must be `good`.
    Map<String, String> named(@Nullable Node node, String what, int max, Predicate<String> good) {
        Map<String, String> values = new LinkedHashMap<>();
        if (node == null) {
            return values;
        }
        if (!(node instanceof MappingNode mapping) || mapping.getValue().size() > max) {
            add(node, what + ": expected at most " + max + " names with their values");
            return values;
        }
        for (NodeTuple entry : mapping.getValue()) {
            String expected = "a name of letters, digits and _";
            Optional<String> name =
                    checked(
                            entry.getKeyNode(),
                            what,
                            expected,
                            text -> NAME.matcher(text).matches());
            Optional<String> value =
                    checked(entry.getValueNode(), what, "a line of text for each name", good);
            if (name.isPresent()
                    && value.isPresent()
                    && values.putIfAbsent(name.get(), value.get()) != null) {
                add(entry.getKeyNode(), what + ": \"" + name.get() + "\" stands here twice");
            }
        }
        return values;
    }
}
