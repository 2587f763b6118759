// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.imagetools.build;

import java.nio.file.Path;
import java.util.Map;

/// What a build needs to know of the machine it runs on.
///
/// @param baseIso Sparegrid's own base live CD, used by recipes that name no other
/// @param cacheFolder where unpacked bases, finished layers and packages are kept
/// @param useCachedLayers false to build every layer anew, such as to get newer packages
/// @param environment the process's environment, for mirrors and proxies
public record BuildSettings(
        Path baseIso, Path cacheFolder, boolean useCachedLayers, Map<String, String> environment) {
    public BuildSettings {
        environment = Map.copyOf(environment);
    }

    /// The settings that `environment` gives: the base is SPAREGRID_BASE_ISO, else `base.iso` in
    /// the cache folder, which is SPAREGRID_CACHE, else `sparegrid` in XDG_CACHE_HOME or
    /// `~/.cache`.
    public static BuildSettings of(Map<String, String> environment) {
        Path home = Path.of(System.getProperty("user.home"));
        Path caches = path(environment, "XDG_CACHE_HOME", home.resolve(".cache"));
        Path cache = path(environment, "SPAREGRID_CACHE", caches.resolve("sparegrid"));
        Path base = path(environment, "SPAREGRID_BASE_ISO", cache.resolve("base.iso"));
        return new BuildSettings(base, cache, true, environment);
    }

    private static Path path(Map<String, String> environment, String name, Path otherwise) {
        String value = environment.getOrDefault(name, "");
        return value.isEmpty() ? otherwise : Path.of(value).toAbsolutePath();
    }
}
