// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.imagetools.recipe;

import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.nodes.Node;

/// Reads one entry of a layer's services.
final class ServiceReader {
    private static final List<String> KEYS =
            List.of(
                    "name",
                    "command",
                    "script",
                    "container",
                    "restart",
                    "user",
                    "after",
                    "environment");
    private static final List<String> RESTARTS = List.of("no", "on-failure", "always");
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_][A-Za-z0-9_.@-]{0,100}");
    private static final String NAME_EXPECTED = "letters, digits and hyphens, without .service";
    private static final Pattern LINE = Pattern.compile("[^\\x00-\\x1f\\x7f]{0,4000}");
    private static final int AFTER_MAX = 32;
    private static final int ENVIRONMENT_MAX = 100;

    private final YamlFaults faults;
    private final RecipeFiles recipeFiles;

    ServiceReader(YamlFaults faults, RecipeFiles recipeFiles) {
        this.faults = faults;
        this.recipeFiles = recipeFiles;
    }

    Optional<Service> read(Node entry) {
        Map<String, Node> keys = faults.mapping(entry, "service", KEYS);
        Node nameNode = keys.get("name");
        if (nameNode == null) {
            faults.add(entry, "service: expected the key name");
            return Optional.empty();
        }
        Optional<String> name =
                faults.checked(nameNode, "service name", NAME_EXPECTED, ServiceReader::isName);
        Node command = keys.get("command");
        Node script = keys.get("script");
        Node container = keys.get("container");
        if (Stream.of(command, script, container).filter(Objects::nonNull).count() > 1) {
            faults.add(entry, "service: expected one of command, script and container, got more");
            return Optional.empty();
        }
        refuse(
                keys,
                script != null,
                "restart",
                "goes with command or container; a script runs once");
        refuse(keys, container != null, "user", "a container image names its own");
        if (command == null && script == null && container == null) {
            for (String key : List.of("restart", "user", "after", "environment")) {
                refuse(keys, true, key, "goes with command, script or container");
            }
            return name.map(Service.Existing::new);
        }
        Execution execution = execution(keys);
        if (script != null) {
            return name.flatMap(given ->
                    recipeFiles
                            .script(script)
                            .map(file -> new Service.Script(given, file, execution)));
        }
        String restart = restart(keys.get("restart"));
        if (container != null) {
            return name.flatMap(given ->
                    recipeFiles
                            .existing(container, "container")
                            .map(file -> new Service.Container(given, file, restart, execution)));
        }
        String line = command == null ? "" : command(command);
        return name.map(given -> new Service.Command(given, line, restart, execution));
    }

    private void refuse(Map<String, Node> keys, boolean refused, String key, String why) {
        Node node = keys.get(key);
        if (refused && node != null) {
            faults.add(node, key + ": " + why);
        }
    }

    private static boolean isName(String name) {
        return NAME.matcher(name).matches() && !name.endsWith(".service");
    }

    private Execution execution(Map<String, Node> keys) {
        String user =
                Optional.ofNullable(keys.get("user"))
                        .flatMap(node ->
                                faults.checked(
                                        node,
                                        "user",
                                        "a user's name",
                                        text -> LayerReader.ACCOUNT.matcher(text).matches()))
                        .orElse("root");
        return new Execution(
                user,
                faults.texts(
                        keys.get("after"),
                        "after",
                        AFTER_MAX,
                        "a service's name, " + NAME_EXPECTED,
                        ServiceReader::isName),
                faults.named(
                        keys.get("environment"),
                        "environment",
                        ENVIRONMENT_MAX,
                        text -> LINE.matcher(text).matches()));
    }

    private String command(Node node) {
        String text = faults.text(node, "command").orElse("");
        if (!text.startsWith("/") || text.lines().count() > 1) {
            faults.add(node, "command: expected one line that begins with an absolute path");
        }
        return text.strip();
    }

    private String restart(@Nullable Node node) {
        return Optional.ofNullable(node)
                .flatMap(given ->
                        faults.checked(
                                given, "restart", "no, on-failure or always", RESTARTS::contains))
                .orElse("on-failure");
    }
}
