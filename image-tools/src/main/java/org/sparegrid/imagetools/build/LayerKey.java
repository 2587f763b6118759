// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.imagetools.build;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.util.List;
import java.util.stream.Stream;
import org.sparegrid.imagetools.chunk.Sha256Digest;
import org.sparegrid.imagetools.iso.Customisation;
import org.sparegrid.imagetools.manifest.Origin;
import org.sparegrid.imagetools.recipe.BuildStep;
import org.sparegrid.imagetools.recipe.Execution;
import org.sparegrid.imagetools.recipe.FileEntry;
import org.sparegrid.imagetools.recipe.Layer;
import org.sparegrid.imagetools.recipe.Recipe;
import org.sparegrid.imagetools.recipe.Service;
import org.sparegrid.imagetools.recipe.User;

/// Computes what names a layer in the cache: the digest of everything that it is made of.
///
/// The versions of its packages are not in it; a cached layer keeps those of the day it was built.
final class LayerKey {
    /// Grows when the way in which layers are built changes their bytes.
    private static final String FORMAT = "sparegrid layer 2";

    /// Grows when the way in which layers become an image changes its bytes.
    private static final String IMAGE_FORMAT = "sparegrid image 3";

    private static final int BUFFER_BYTES = 64 * 1024;

    private final MessageDigest sha256 = Sha256Digest.algorithm();

    private LayerKey() {}

    /// The key of `layer` over what `below` names.
    static Sha256Digest of(Sha256Digest below, Layer layer) throws IOException {
        LayerKey key = new LayerKey();
        key.text(FORMAT);
        key.text(below.toString());
        key.layer(layer);
        return Sha256Digest.finish(key.sha256);
    }

    /// The digest of a recipe with the content of all files that it names.
    static Sha256Digest of(Recipe recipe) throws IOException {
        LayerKey key = new LayerKey();
        key.text("sparegrid recipe 2");
        key.text(recipe.name());
        key.texts(recipe.ways().stream().map(Enum::name).toList());
        key.number(recipe.memoryMib());
        key.texts(recipe.kernelArguments());
        key.number(recipe.layers().size());
        for (Layer layer : recipe.layers()) {
            key.layer(layer);
        }
        return Sha256Digest.finish(key.sha256);
    }

    /// The digest of all that the bytes of a finished image depend on.
    static Sha256Digest of(Origin.Built origin, Customisation.Way way) {
        LayerKey key = new LayerKey();
        key.texts(List.of(IMAGE_FORMAT, way.name()));
        key.texts(List.of(origin.base().toString(), origin.recipe().toString()));
        key.texts(origin.layers().stream().map(layer -> layer.sha256().toString()).toList());
        return Sha256Digest.finish(key.sha256);
    }

    private void layer(Layer layer) throws IOException {
        text(layer.name());
        texts(layer.packages());
        number(layer.users().size());
        for (User user : layer.users()) {
            texts(List.of(user.name(), user.shell()));
            texts(user.groups());
            texts(user.keys());
        }
        number(layer.files().size());
        for (FileEntry file : layer.files()) {
            file(file);
        }
        number(layer.services().size());
        for (Service service : layer.services()) {
            service(service);
        }
        number(layer.run().size());
        for (BuildStep step : layer.run()) {
            switch (step) {
                case BuildStep.Command(String line) -> texts(List.of("command", line));
                case BuildStep.Script(Path script) -> {
                    text("script");
                    content(script);
                }
            }
        }
        number(layer.network() ? 1 : 0);
    }

    private void service(Service service) throws IOException {
        switch (service) {
            case Service.Existing(String name) -> texts(List.of("existing", name));
            case Service.Command(String name, String command, String restart, Execution how) -> {
                texts(List.of("command", name, command, restart));
                execution(how);
            }
            case Service.Script(String name, Path script, Execution how) -> {
                texts(List.of("script", name));
                content(script);
                execution(how);
            }
            case Service.Container(String name, Path archive, String restart, Execution how) -> {
                texts(List.of("container", name, restart));
                tree(archive);
                execution(how);
            }
        }
    }

    private void execution(Execution how) {
        text(how.user());
        texts(how.after());
        number(how.environment().size());
        how.environment().forEach((name, value) -> texts(List.of(name, value)));
    }

    private void file(FileEntry file) throws IOException {
        text(file.owner());
        switch (file) {
            case FileEntry.Text(String to, String content, int mode, String _) -> {
                texts(List.of("text", to, content));
                number(mode);
            }
            case FileEntry.Copy(String to, Path from, String _) -> {
                texts(List.of("copy", to));
                tree(from);
            }
        }
    }

    private void tree(Path from) throws IOException {
        List<Path> paths;
        try (Stream<Path> walk = Files.walk(from)) {
            paths = walk.sorted().toList();
        } catch (UncheckedIOException failure) {
            throw new IOException("reading " + from, failure.getCause());
        }
        number(paths.size());
        for (Path path : paths) {
            text(from.relativize(path).toString());
            if (Files.isSymbolicLink(path)) {
                texts(List.of("link", Files.readSymbolicLink(path).toString()));
                continue;
            }
            text(
                    PosixFilePermissions.toString(
                            Files.getPosixFilePermissions(path, LinkOption.NOFOLLOW_LINKS)));
            if (Files.isRegularFile(path, LinkOption.NOFOLLOW_LINKS)) {
                content(path);
            }
        }
    }

    private void content(Path path) throws IOException {
        number(Files.size(path));
        byte[] buffer = new byte[BUFFER_BYTES];
        try (InputStream in = Files.newInputStream(path)) {
            for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
                sha256.update(buffer, 0, read);
            }
        }
    }

    private void texts(List<String> texts) {
        number(texts.size());
        texts.forEach(this::text);
    }

    private void text(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        number(bytes.length);
        sha256.update(bytes);
    }

    private void number(long number) {
        sha256.update(ByteBuffer.allocate(Long.BYTES).putLong(number).flip());
    }
}
