// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.imagetools.recipe;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
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
import org.sparegrid.imagetools.iso.Customisation;

/// Reads one recipe and collects its faults.
final class RecipeReader {
    private static final List<String> RECIPE_KEYS =
            List.of(
                    "sparegrid",
                    "name",
                    "variables",
                    "base",
                    "mode",
                    "layers",
                    "boot",
                    "needs",
                    "limits");
    private static final List<String> MODES = List.of("auto", "layer", "payload", "rebuild");
    private static final List<String> BASE_KEYS = List.of("iso", "sha256");
    private static final List<String> BOOT_KEYS = List.of("kernel_arguments");
    private static final List<String> NEEDS_KEYS = List.of("memory");
    private static final List<String> LIMITS_KEYS = List.of("image", "layer");

    private static final Pattern NAME = Pattern.compile("[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?");
    private static final Pattern ARGUMENT = Pattern.compile("[!-~&&[^\"'\\\\$`{};#]]{1,200}");
    private static final Pattern SIZE = Pattern.compile("([1-9][0-9]{0,6}) ?(MiB|GiB)");
    private static final Pattern VALUE = Pattern.compile("[^\\x00-\\x08\\x0b-\\x1f\\x7f]{1,4096}");

    private static final int MEMORY_MIB_MIN = 64;
    private static final int MEMORY_MIB_MAX = 1 << 20;
    private static final int KERNEL_ARGUMENTS_MAX = 32;
    private static final int VARIABLES_MAX = 100;

    private final Path folder;
    private final Map<String, String> overrides;
    private final YamlFaults faults;

    /// A reader of one recipe.
    ///
    /// @param overrides values for some of its variables, instead of its own
    RecipeReader(Path folder, String fileName, Map<String, String> overrides) {
        this.folder = folder;
        this.overrides = new TreeMap<>(overrides);
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
        variables(root, keys.get("variables"));
        String name = name(root, keys.get("name"), "name");
        Base base = base(keys.get("base"));
        List<Customisation.Way> ways = ways(keys.get("mode"));
        List<Layer> layers = layers(keys.get("layers"));
        List<String> arguments = arguments(keys.get("boot"));
        int memoryMib = memoryMib(keys.get("needs"));
        Limits limits = limits(keys.get("limits"));
        return new Recipe(name, base, ways, layers, arguments, memoryMib, limits);
    }

    private void variables(Node root, @Nullable Node node) {
        Map<String, String> values = faults.named(node, "variables", VARIABLES_MAX, matches(VALUE));
        overrides.forEach((name, value) -> {
            if (values.replace(name, value) == null) {
                faults.add(
                        node == null ? root : node,
                        "variables: the recipe has no \""
                                + YamlFaults.shown(name)
                                + "\""
                                + NearestKey.to(YamlFaults.shown(name), values.keySet())
                                        .map(near -> ", did you mean \"" + near + "\"?")
                                        .orElse(""));
            }
        });
        faults.use(new Variables(values));
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
        String expected = "1 to 63 letters a-z, digits and inner hyphens";
        return faults.checked(node, what, expected, matches(NAME)).orElse("");
    }

    private static Predicate<String> matches(Pattern pattern) {
        return text -> pattern.matcher(text).matches();
    }

    private Base base(@Nullable Node node) {
        if (node == null) {
            return new Base.Sparegrid();
        }
        if (node instanceof ScalarNode) {
            faults.checked(node, "base", "sparegrid, or the key iso", "sparegrid"::equals);
            return new Base.Sparegrid();
        }
        Map<String, Node> keys = faults.mapping(node, "base", BASE_KEYS);
        Optional<Path> iso =
                Optional.ofNullable(keys.get("iso"))
                        .flatMap(given ->
                                faults.checked(given, "iso", "a path", RecipeFiles::isPath))
                        .map(path -> folder.resolve(path).normalize());
        Optional<Sha256Digest> pin =
                Optional.ofNullable(keys.get("sha256"))
                        .flatMap(given ->
                                faults.checked(
                                        given,
                                        "sha256",
                                        "64 lower-case hexadecimal digits",
                                        Sha256Digest::isHex))
                        .map(Sha256Digest::parse);
        if (iso.isPresent() && pin.isPresent()) {
            return new Base.PinnedIsoFile(iso.get(), pin.get());
        } else if (iso.isPresent()) {
            return new Base.IsoFile(iso.get());
        } else if (pin.isPresent()) {
            return new Base.Digest(pin.get(), folder);
        }
        faults.add(node, "base: expected the key iso with the path of a file, or sha256");
        return new Base.Sparegrid();
    }

    private List<Customisation.Way> ways(@Nullable Node node) {
        if (node == null) {
            return Recipe.WAYS_DEFAULT;
        }
        String mode =
                faults.checked(node, "mode", "auto, layer, payload or rebuild", MODES::contains)
                        .orElse("auto");
        return switch (mode) {
            case "layer" -> List.of(Customisation.Way.LAYER);
            case "payload" -> List.of(Customisation.Way.PAYLOAD);
            case "rebuild" -> List.of(Customisation.Way.REBUILD);
            default -> Recipe.WAYS_DEFAULT;
        };
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
            arguments.addAll(
                    faults.texts(
                            node,
                            "kernel_arguments",
                            KERNEL_ARGUMENTS_MAX,
                            "one argument without spaces, quotes or special characters",
                            matches(ARGUMENT)));
        }
        return arguments;
    }

    private int memoryMib(@Nullable Node needs) {
        Node node = needs == null ? null : faults.mapping(needs, "needs", NEEDS_KEYS).get("memory");
        if (node == null) {
            return Recipe.MEMORY_MIB_DEFAULT;
        }
        long mib = mib(node, "memory");
        if (mib >= MEMORY_MIB_MIN && mib <= MEMORY_MIB_MAX) {
            return (int) mib;
        }
        faults.add(node, "memory: expected 64 MiB to 1024 GiB, such as 512 MiB");
        return Recipe.MEMORY_MIB_DEFAULT;
    }

    /// The size that `node` says, or 0.
    private long mib(Node node, String what) {
        Matcher size = SIZE.matcher(faults.text(node, what).orElse(""));
        if (!size.matches()) {
            return 0;
        }
        long value = Long.parseLong(size.group(1));
        return size.group(2).equals("GiB") ? value * 1024 : value;
    }

    private Limits limits(@Nullable Node node) {
        if (node == null) {
            return Limits.NONE;
        }
        Map<String, Node> keys = faults.mapping(node, "limits", LIMITS_KEYS);
        return new Limits(
                limitBytes(keys.get("image"), "image", Limits.NONE.imageBytesMax()),
                limitBytes(keys.get("layer"), "layer", Limits.NONE.layerBytesMax()));
    }

    private long limitBytes(@Nullable Node node, String what, long otherwise) {
        if (node == null) {
            return otherwise;
        }
        long mib = mib(node, what);
        if (mib == 0 || mib << 20 > otherwise) {
            faults.add(node, what + ": expected 1 MiB to 1024 GiB, such as 500 MiB");
        }
        return mib << 20;
    }
}
