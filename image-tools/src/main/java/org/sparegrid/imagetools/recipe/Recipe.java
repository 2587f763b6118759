// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.imagetools.recipe;

import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.sparegrid.imagetools.iso.Customisation;

/// What shall be in an image: a base and the layers over it.
///
/// Source: docs/guides/images.md, the keys of a recipe.
///
/// @param name name of the image
/// @param ways how the layers may be put over the base, the most wanted first
/// @param layers lowest first
/// @param kernelArguments added to those of the base
/// @param memoryMib the least memory, in MiB, with which the image is of use
/// @param limits beyond which a build fails
public record Recipe(
        String name,
        Base base,
        List<Customisation.Way> ways,
        List<Layer> layers,
        List<String> kernelArguments,
        int memoryMib,
        Limits limits) {
    /// The longest recipe: far more than anybody writes by hand.
    public static final int BYTES_MAX = 1 << 20;

    /// A live system mounts each layer, so they are few.
    public static final int LAYERS_MAX = 16;

    /// What a machine gets if the recipe does not say; the base alone boots with 192 MiB.
    public static final int MEMORY_MIB_DEFAULT = 512;

    /// A layer where the base allows it, as it costs the least.
    public static final List<Customisation.Way> WAYS_DEFAULT =
            List.of(Customisation.Way.LAYER, Customisation.Way.PAYLOAD, Customisation.Way.REBUILD);

    public Recipe {
        ways = List.copyOf(ways);
        layers = List.copyOf(layers);
        kernelArguments = List.copyOf(kernelArguments);
    }

    /// Reads a recipe file; the paths in it count from its folder.
    ///
    /// @param overrides values for some of its variables, instead of its own
    /// @throws RecipeFormatException with all its faults
    public static Recipe load(Path file, Map<String, String> overrides)
            throws IOException, RecipeFormatException {
        if (Files.size(file) > BYTES_MAX) {
            throw new RecipeFormatException(
                    List.of(file + ": expected at most 1048576 bytes, got " + Files.size(file)));
        }
        try {
            Path folder = file.toAbsolutePath().normalize().getParent();
            String name = String.valueOf(file.getFileName());
            Path root = folder == null ? Path.of("/") : folder;
            return parse(Files.readString(file), root, name, overrides);
        } catch (CharacterCodingException notUtf8) {
            throw new RecipeFormatException(List.of(file + ": expected text in UTF-8"));
        }
    }

    /// Reads the recipe in `yaml`, which messages call `fileName`.
    ///
    /// @throws RecipeFormatException with all its faults
    public static Recipe parse(String yaml, Path folder, String fileName)
            throws RecipeFormatException {
        return parse(yaml, folder, fileName, Map.of());
    }

    private static Recipe parse(
            String yaml, Path folder, String fileName, Map<String, String> overrides)
            throws RecipeFormatException {
        if (yaml.getBytes(StandardCharsets.UTF_8).length > BYTES_MAX) {
            throw new RecipeFormatException(List.of(fileName + ": expected at most 1048576 bytes"));
        }
        return new RecipeReader(folder, fileName, overrides).read(yaml);
    }
}
