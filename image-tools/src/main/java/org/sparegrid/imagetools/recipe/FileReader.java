// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.imagetools.recipe;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.ScalarNode;

/// Reads one entry of a layer's files.
final class FileReader {
    private static final List<String> KEYS = List.of("to", "content", "from", "mode", "owner");
    private static final Pattern MODE = Pattern.compile("0?[0-7]{3}|[0-7]{4}");
    private static final Pattern TARGET = Pattern.compile("/[^\\x00-\\x1f\\x7f]{0,1000}");
    private static final Pattern PRIVATE_KEY =
            Pattern.compile("-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY-----");

    private final YamlFaults faults;
    private final RecipeFiles recipeFiles;

    FileReader(YamlFaults faults, RecipeFiles recipeFiles) {
        this.faults = faults;
        this.recipeFiles = recipeFiles;
    }

    Optional<FileEntry> read(Node entry) {
        Map<String, Node> keys = faults.mapping(entry, "file", KEYS);
        Node toNode = keys.get("to");
        Node content = keys.get("content");
        Node from = keys.get("from");
        if (toNode == null || (content == null) == (from == null)) {
            faults.add(entry, "file: expected the key to, and either content or from");
            return Optional.empty();
        }
        String to = faults.text(toNode, "to").orElse("");
        Path path = Path.of(RecipeFiles.isPath(to) ? to : "");
        if (!TARGET.matcher(to).matches() || !path.normalize().equals(path)) {
            faults.add(toNode, "to: expected an absolute path without \"..\", got \"" + to + "\"");
            return Optional.empty();
        }
        String owner = owner(keys.get("owner"));
        if (from != null) {
            return copied(to, from, owner, keys.get("mode"));
        }
        if (to.equals("/") || to.endsWith("/")) {
            faults.add(toNode, "to: expected the path of a file, got a folder");
        }
        if (content instanceof ScalarNode scalar) {
            String text = faults.expanded(scalar, "content");
            refuseSecret(scalar, text);
            return Optional.of(new FileEntry.Text(to, text, mode(keys.get("mode")), owner));
        }
        faults.add(entry, "content: expected a text");
        return Optional.empty();
    }

    /// Whoever gets the image can read it: sellers, and everyone who gets one of them to talk.
    private void refuseSecret(Node node, String text) {
        if (PRIVATE_KEY.matcher(text).find()) {
            faults.add(
                    node,
                    "content: expected nothing secret, got a private key; an image is no place for"
                            + " one, give it to the machines with sparegrid run --secret");
        }
    }

    private Optional<FileEntry> copied(String to, Node node, String owner, @Nullable Node mode) {
        if (mode != null) {
            faults.add(mode, "mode: goes with content; a copy keeps its permissions");
        }
        return recipeFiles.existing(node, "from").map(from -> new FileEntry.Copy(to, from, owner));
    }

    private String owner(@Nullable Node node) {
        return Optional.ofNullable(node)
                .flatMap(given ->
                        faults.checked(
                                given,
                                "owner",
                                "a user's name",
                                text -> LayerReader.ACCOUNT.matcher(text).matches()))
                .orElse("root");
    }

    private int mode(@Nullable Node node) {
        return Optional.ofNullable(node)
                .flatMap(given ->
                        faults.checked(
                                given,
                                "mode",
                                "octal permissions such as \"0755\"",
                                text -> MODE.matcher(text).matches()))
                .map(text -> Integer.parseInt(text, 8))
                .orElse(0644);
    }
}
