// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.imagetools.recipe;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.composer.Composer;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.parser.ParserImpl;
import org.snakeyaml.engine.v2.scanner.StreamReader;
import org.sparegrid.imagetools.chunk.Sha256Digest;

/// Reads one recipe and collects its faults.
final class RecipeReader {
    private static final List<String> RECIPE_KEYS =
            List.of("sparegrid", "name", "base", "layers", "boot", "needs");
    private static final List<String> BASE_KEYS = List.of("iso", "sha256");
    private static final List<String> BOOT_KEYS = List.of("kernel_arguments");
    private static final List<String> NEEDS_KEYS = List.of("memory");

    private static final Pattern NAME = Pattern.compile("[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?");
    private static final Pattern ARGUMENT = Pattern.compile("[!-~&&[^\"'\\\\$`{};#]]{1,200}");
    private static final Pattern MEMORY = Pattern.compile("([1-9][0-9]{0,6}) ?(MiB|GiB)");

    private static final int MEMORY_MIB_MIN = 64;
    private static final int MEMORY_MIB_MAX = 1 << 20;
    private static final int KERNEL_ARGUMENTS_MAX = 32;

    private final Path folder;
    private final YamlFaults faults;

    RecipeReader(Path folder, String fileName) {
        this.folder = folder;
        this.faults = new YamlFaults(fileName);
    }

    Recipe read(String yaml) throws RecipeFormatException {
        Recipe recipe = recipe(compose(yaml));
        if (!faults.all().isEmpty()) {
            throw new RecipeFormatException(faults.all());
        }
        return recipe;
    }

    private Node compose(String yaml) throws RecipeFormatException {
        LoadSettings settings =
                LoadSettings.builder()
                        .setCodePointLimit(Recipe.BYTES_MAX)
                        .setMaxAliasesForCollections(0)
                        .setUseMarks(true)
                        .build();
        try {
            Optional<Node> root =
                    new Composer(
                                    settings,
                                    new ParserImpl(settings, new StreamReader(settings, yaml)))
                            .getSingleNode();
            if (root.isPresent()) {
                return root.get();
            }
            faults.add(1, "recipe: expected keys and values, got nothing");
        } catch (MarkedYamlEngineException malformed) {
            int line = malformed.getProblemMark().map(mark -> mark.getLine() + 1).orElse(1);
            faults.add(line, "not valid YAML: " + malformed.getProblem());
        } catch (YamlEngineException malformed) {
            faults.add(
                    1,
                    "not valid YAML: " + YamlFaults.shown(String.valueOf(malformed.getMessage())));
        }
        throw new RecipeFormatException(faults.all());
    }

    private Recipe recipe(Node root) {
        Map<String, Node> keys = faults.mapping(root, "recipe", RECIPE_KEYS);
        version(root, keys.get("sparegrid"));
        String name = name(root, keys.get("name"), "name");
        Base base = base(keys.get("base"));
        List<Layer> layers = layers(keys.get("layers"));
        List<String> arguments = arguments(keys.get("boot"));
        return new Recipe(name, base, layers, arguments, memoryMib(keys.get("needs")));
    }

    private void version(Node root, @Nullable Node node) {
        if (node == null) {
            faults.add(root, "recipe: expected sparegrid: 1, the version of this format");
        } else if (!faults.text(node, "sparegrid").equals(Optional.of("1"))) {
            faults.add(node, "sparegrid: expected version 1");
        }
    }

    private String name(Node parent, @Nullable Node node, String what) {
        if (node == null) {
            faults.add(parent, what + ": missing");
            return "";
        }
        return checked(node, what, "1 to 63 letters a-z, digits and inner hyphens", matches(NAME));
    }

    private static Predicate<String> matches(Pattern pattern) {
        return text -> pattern.matcher(text).matches();
    }

    /// The text of `node` if it is `good`, else the empty text and a fault.
    private String checked(Node node, String what, String expected, Predicate<String> good) {
        Optional<String> text = faults.text(node, what);
        if (text.isPresent() && !good.test(text.get())) {
            faults.add(
                    node,
                    what
                            + ": expected "
                            + expected
                            + ", got \""
                            + YamlFaults.shown(text.get())
                            + "\"");
            return "";
        }
        return text.orElse("");
    }

    private Base base(@Nullable Node node) {
        if (node == null) {
            return new Base.Sparegrid();
        }
        if (node instanceof ScalarNode) {
            checked(node, "base", "sparegrid, or the key iso", "sparegrid"::equals);
            return new Base.Sparegrid();
        }
        Map<String, Node> keys = faults.mapping(node, "base", BASE_KEYS);
        Node isoNode = keys.get("iso");
        if (isoNode == null) {
            faults.add(node, "base: expected the key iso with the path of a file");
            return new Base.Sparegrid();
        }
        Path iso = path(isoNode, "iso");
        Node pin = keys.get("sha256");
        if (pin == null) {
            return new Base.IsoFile(iso);
        }
        String hex =
                checked(pin, "sha256", "64 lower-case hexadecimal digits", Sha256Digest::isHex);
        return hex.isEmpty()
                ? new Base.IsoFile(iso)
                : new Base.PinnedIsoFile(iso, Sha256Digest.parse(hex));
    }

    private Path path(Node node, String what) {
        String text = checked(node, what, "a path", path -> path.indexOf('\0') < 0);
        return folder.resolve(text).normalize();
    }

    private List<Layer> layers(@Nullable Node node) {
        List<Layer> layers = new ArrayList<>();
        if (node == null) {
            return layers;
        }
        Set<String> names = new HashSet<>();
        LayerReader reader = new LayerReader(faults, folder);
        for (Node entry : faults.list(node, "layers", Recipe.LAYERS_MAX)) {
            Map<String, Node> keys = faults.mapping(entry, "layer", LayerReader.KEYS);
            String name = name(entry, keys.get("name"), "layer name");
            if (!name.isEmpty() && !names.add(name)) {
                faults.add(entry, "layer name: \"" + name + "\" stands here twice");
            }
            layers.add(reader.read(name, keys));
        }
        return layers;
    }

    private List<String> arguments(@Nullable Node boot) {
        List<String> arguments = new ArrayList<>();
        if (boot == null) {
            return arguments;
        }
        Node node = faults.mapping(boot, "boot", BOOT_KEYS).get("kernel_arguments");
        if (node != null) {
            for (Node entry : faults.list(node, "kernel_arguments", KERNEL_ARGUMENTS_MAX)) {
                String expected = "one argument without spaces, quotes or special characters";
                arguments.add(checked(entry, "kernel_arguments", expected, matches(ARGUMENT)));
            }
        }
        return arguments;
    }

    private int memoryMib(@Nullable Node needs) {
        Node node = needs == null ? null : faults.mapping(needs, "needs", NEEDS_KEYS).get("memory");
        if (node == null) {
            return Recipe.MEMORY_MIB_DEFAULT;
        }
        Matcher memory = MEMORY.matcher(faults.text(node, "memory").orElse(""));
        if (memory.matches()) {
            long value = Long.parseLong(memory.group(1));
            long mib = memory.group(2).equals("GiB") ? value * 1024 : value;
            if (mib >= MEMORY_MIB_MIN && mib <= MEMORY_MIB_MAX) {
                return (int) mib;
            }
        }
        faults.add(node, "memory: expected 64 MiB to 1024 GiB, such as 512 MiB");
        return Recipe.MEMORY_MIB_DEFAULT;
    }
}
