// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.imagetools.recipe;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;

/// Reads one layer of a recipe.
final class LayerReader {
    static final List<String> KEYS =
            List.of("name", "packages", "users", "files", "services", "run", "network");

    private static final List<String> USER_KEYS = List.of("name", "shell", "groups", "keys");
    private static final List<String> STEP_KEYS = List.of("script");

    /// Source: Debian Policy, section 5.6.7, and apt-get(8) for the version after `=`.
    private static final Pattern PACKAGE =
            Pattern.compile("[a-z0-9][a-z0-9+.-]{1,100}(=[A-Za-z0-9.+~:-]{1,100})?");

    /// Source: useradd(8) as Debian has it.
    static final Pattern ACCOUNT = Pattern.compile("[a-z_][a-z0-9_-]{0,30}");

    private static final Pattern SHELL = Pattern.compile("/[A-Za-z0-9_./-]{1,100}");

    /// Source: sshd(8), the format of authorized_keys, without options.
    private static final Pattern PUBLIC_KEY =
            Pattern.compile("(ssh|ecdsa|sk)-[a-z0-9@.-]{3,60} [A-Za-z0-9+/=]{20,12000}( [ -~]*)?");

    private static final int PACKAGES_MAX = 1000;
    private static final int USERS_MAX = 100;
    private static final int GROUPS_MAX = 32;
    private static final int KEYS_MAX = 100;
    private static final int FILES_MAX = 1000;
    private static final int SERVICES_MAX = 100;
    private static final int STEPS_MAX = 100;

    private final YamlFaults faults;
    private final RecipeFiles recipeFiles;

    LayerReader(YamlFaults faults, Path folder) {
        this.faults = faults;
        this.recipeFiles = new RecipeFiles(faults, folder);
    }

    Layer read(String name, Map<String, Node> keys) {
        return new Layer(
                name,
                faults.texts(
                        keys.get("packages"),
                        "packages",
                        PACKAGES_MAX,
                        "a package's name",
                        text -> PACKAGE.matcher(text).matches()),
                users(keys.get("users")),
                files(keys.get("files")),
                services(keys.get("services")),
                steps(keys.get("run")),
                yes(keys.get("network")));
    }

    private boolean yes(@Nullable Node node) {
        return node != null
                && faults.checked(
                                node,
                                "network",
                                "true or false",
                                text -> text.equals("true") || text.equals("false"))
                        .equals(Optional.of("true"));
    }

    private List<User> users(@Nullable Node node) {
        List<User> users = new ArrayList<>();
        for (Node entry : entries(node, "users", USERS_MAX)) {
            Map<String, Node> keys = faults.mapping(entry, "user", USER_KEYS);
            Node name = keys.get("name");
            if (name == null) {
                faults.add(entry, "user: expected the key name");
            } else {
                user(name, keys).ifPresent(users::add);
            }
        }
        return users;
    }

    private Optional<User> user(Node nameNode, Map<String, Node> keys) {
        String expected = "letters a-z, digits, _ and -";
        Optional<String> name = faults.checked(nameNode, "user name", expected, this::isAccount);
        Node shellNode = keys.get("shell");
        String shell =
                Optional.ofNullable(shellNode)
                        .flatMap(node ->
                                faults.checked(
                                        node,
                                        "shell",
                                        "an absolute path",
                                        text -> SHELL.matcher(text).matches()))
                        .orElse(User.SHELL_DEFAULT);
        List<String> groups =
                faults.texts(keys.get("groups"), "groups", GROUPS_MAX, expected, this::isAccount);
        List<String> logins =
                faults.texts(
                        keys.get("keys"),
                        "keys",
                        KEYS_MAX,
                        "an OpenSSH public key, such as \"ssh-ed25519 AAAA… name\"",
                        text -> PUBLIC_KEY.matcher(text).matches());
        return name.map(given -> new User(given, shell, groups, logins));
    }

    private boolean isAccount(String text) {
        return ACCOUNT.matcher(text).matches();
    }

    private List<Node> entries(@Nullable Node node, String what, int max) {
        return node == null ? List.of() : faults.list(node, what, max);
    }

    private List<FileEntry> files(@Nullable Node node) {
        FileReader reader = new FileReader(faults, recipeFiles);
        return entries(node, "files", FILES_MAX).stream()
                .flatMap(entry -> reader.read(entry).stream())
                .toList();
    }

    private List<Service> services(@Nullable Node node) {
        ServiceReader reader = new ServiceReader(faults, recipeFiles);
        return entries(node, "services", SERVICES_MAX).stream()
                .flatMap(entry -> reader.read(entry).stream())
                .toList();
    }

    private List<BuildStep> steps(@Nullable Node node) {
        List<BuildStep> steps = new ArrayList<>();
        for (Node entry : entries(node, "run", STEPS_MAX)) {
            if (entry instanceof MappingNode) {
                Node script = faults.mapping(entry, "run", STEP_KEYS).get("script");
                if (script != null) {
                    recipeFiles.script(script).map(BuildStep.Script::new).ifPresent(steps::add);
                }
            } else {
                faults.text(entry, "run").map(BuildStep.Command::new).ifPresent(steps::add);
            }
        }
        return steps;
    }
}
