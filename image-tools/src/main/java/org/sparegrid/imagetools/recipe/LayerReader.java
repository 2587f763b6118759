// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.imagetools.recipe;

import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.ScalarNode;

/// Reads one layer of a recipe.
final class LayerReader {
    static final List<String> KEYS =
            List.of("name", "packages", "files", "services", "run", "network");

    private static final List<String> FILE_KEYS = List.of("to", "content", "from", "mode");
    private static final List<String> SERVICE_KEYS = List.of("name", "command", "restart");
    private static final List<String> RESTARTS = List.of("no", "on-failure", "always");

    /// Source: Debian Policy, section 5.6.7, and apt-get(8) for the version after `=`.
    private static final Pattern PACKAGE =
            Pattern.compile("[a-z0-9][a-z0-9+.-]{1,100}(=[A-Za-z0-9.+~:-]{1,100})?");

    private static final Pattern SERVICE = Pattern.compile("[A-Za-z0-9_][A-Za-z0-9_.@-]{0,100}");
    private static final Pattern MODE = Pattern.compile("0?[0-7]{3}|[0-7]{4}");
    private static final Pattern TARGET = Pattern.compile("/[^\\x00-\\x1f\\x7f]{0,1000}");

    private static final int PACKAGES_MAX = 1000;
    private static final int FILES_MAX = 1000;
    private static final int SERVICES_MAX = 100;
    private static final int COMMANDS_MAX = 100;

    private final YamlFaults faults;
    private final Path folder;

    LayerReader(YamlFaults faults, Path folder) {
        this.faults = faults;
        this.folder = folder;
    }

    Layer read(String name, Map<String, Node> keys) {
        return new Layer(
                name,
                texts(keys.get("packages"), "packages", PACKAGES_MAX, PACKAGE, "a package's name"),
                files(keys.get("files")),
                services(keys.get("services")),
                texts(keys.get("run"), "run", COMMANDS_MAX, null, ""),
                yes(keys.get("network")));
    }

    private List<String> texts(
            @Nullable Node node, String what, int max, @Nullable Pattern pattern, String expected) {
        List<String> texts = new ArrayList<>();
        if (node == null) {
            return texts;
        }
        for (Node entry : faults.list(node, what, max)) {
            Optional<String> text = faults.text(entry, what);
            if (text.isPresent() && (pattern == null || pattern.matcher(text.get()).matches())) {
                texts.add(text.get());
            } else if (text.isPresent()) {
                faults.add(
                        entry,
                        what
                                + ": expected "
                                + expected
                                + ", got \""
                                + YamlFaults.shown(text.get())
                                + "\"");
            }
        }
        return texts;
    }

    private boolean yes(@Nullable Node node) {
        if (node == null) {
            return false;
        }
        String text = faults.text(node, "network").orElse("false");
        if (!text.equals("true") && !text.equals("false")) {
            faults.add(
                    node,
                    "network: expected true or false, got \"" + YamlFaults.shown(text) + "\"");
        }
        return text.equals("true");
    }

    private List<FileEntry> files(@Nullable Node node) {
        List<FileEntry> files = new ArrayList<>();
        if (node != null) {
            for (Node entry : faults.list(node, "files", FILES_MAX)) {
                file(entry).ifPresent(files::add);
            }
        }
        return files;
    }

    private Optional<FileEntry> file(Node entry) {
        Map<String, Node> keys = faults.mapping(entry, "file", FILE_KEYS);
        Node toNode = keys.get("to");
        Node content = keys.get("content");
        Node from = keys.get("from");
        if (toNode == null || (content == null) == (from == null)) {
            faults.add(entry, "file: expected the key to, and either content or from");
            return Optional.empty();
        }
        String to = faults.text(toNode, "to").orElse("");
        Path path = Path.of(to.indexOf('\0') < 0 ? to : "");
        if (!TARGET.matcher(to).matches() || !path.normalize().equals(path)) {
            faults.add(toNode, "to: expected an absolute path without \"..\", got \"" + to + "\"");
            return Optional.empty();
        }
        if (from != null) {
            return copied(to, from, keys.get("mode"));
        }
        if (to.equals("/") || to.endsWith("/")) {
            faults.add(toNode, "to: expected the path of a file, got a folder");
        }
        if (content instanceof ScalarNode text) {
            return Optional.of(new FileEntry.Text(to, text.getValue(), mode(keys.get("mode"))));
        }
        faults.add(entry, "content: expected a text");
        return Optional.empty();
    }

    private Optional<FileEntry> copied(String to, Node node, @Nullable Node mode) {
        if (mode != null) {
            faults.add(mode, "mode: goes with content; a copy keeps its permissions");
        }
        Optional<Path> from =
                faults.text(node, "from").filter(p -> p.indexOf('\0') < 0).map(folder::resolve);
        if (from.isPresent() && !Files.exists(from.get(), LinkOption.NOFOLLOW_LINKS)) {
            faults.add(node, "from: no such file or folder: " + from.get());
        }
        return from.map(path -> new FileEntry.Copy(to, path.normalize()));
    }

    private int mode(@Nullable Node node) {
        if (node == null) {
            return 0644;
        }
        String text = faults.text(node, "mode").orElse("0644");
        if (!MODE.matcher(text).matches()) {
            faults.add(
                    node,
                    "mode: expected octal permissions such as \"0755\", got \""
                            + YamlFaults.shown(text)
                            + "\"");
            return 0644;
        }
        return Integer.parseInt(text, 8);
    }

    private List<Service> services(@Nullable Node node) {
        List<Service> services = new ArrayList<>();
        if (node != null) {
            for (Node entry : faults.list(node, "services", SERVICES_MAX)) {
                service(entry).ifPresent(services::add);
            }
        }
        return services;
    }

    private Optional<Service> service(Node entry) {
        Map<String, Node> keys = faults.mapping(entry, "service", SERVICE_KEYS);
        Node nameNode = keys.get("name");
        if (nameNode == null) {
            faults.add(entry, "service: expected the key name");
            return Optional.empty();
        }
        String name = faults.text(nameNode, "service name").orElse("");
        if (!SERVICE.matcher(name).matches() || name.endsWith(".service")) {
            faults.add(
                    nameNode,
                    "service name: expected letters, digits and hyphens, without .service, got \""
                            + YamlFaults.shown(name)
                            + "\"");
            return Optional.empty();
        }
        Node command = keys.get("command");
        Node restart = keys.get("restart");
        if (command == null) {
            if (restart != null) {
                faults.add(restart, "restart: goes with command");
            }
            return Optional.of(new Service.Existing(name));
        }
        return Optional.of(new Service.Command(name, command(command), restart(restart)));
    }

    private String command(Node node) {
        String text = faults.text(node, "command").orElse("");
        if (!text.startsWith("/") || text.lines().count() > 1) {
            faults.add(node, "command: expected one line that begins with an absolute path");
        }
        return text.strip();
    }

    private String restart(@Nullable Node node) {
        String text = node == null ? "on-failure" : faults.text(node, "restart").orElse("");
        if (node != null && !RESTARTS.contains(text)) {
            faults.add(
                    node,
                    "restart: expected no, on-failure or always, got \""
                            + YamlFaults.shown(text)
                            + "\"");
        }
        return text;
    }
}
