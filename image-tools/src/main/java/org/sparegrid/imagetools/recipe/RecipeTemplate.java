// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.imagetools.recipe;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;

/// A commented recipe to begin with.
public enum RecipeTemplate {
    /// The base and one file, every key explained.
    EMPTY("our live CD, one file, every key explained"),
    /// A cluster for OpenMPI with the HPC Challenge benchmark.
    OPENMPI("OpenMPI and hpcc; machines reach each other by ssh"),
    /// A Slurm cluster that forms by itself.
    SLURM("Slurm; the first machine controls the cluster"),
    /// Compilers on all machines.
    DISTCC("distcc; compiles C and C++ on all machines"),
    /// Workers that take jobs from a queue.
    POOL("a pool of workers and a queue, as in HTCondor"),
    /// A Parallel Virtual Machine that forms by itself.
    PVM("PVM with its examples; the first machine starts the others"),
    /// A volunteer computing project.
    BOINC("the BOINC client for a project of your choice"),
    /// One command on every machine.
    BATCH("one command on every machine, each with its share");

    private final String description;

    RecipeTemplate(String description) {
        this.description = description;
    }

    /// The template that a user calls `name`.
    public static Optional<RecipeTemplate> named(String name) {
        return Arrays.stream(values())
                .filter(template -> template.title().equals(name))
                .findFirst();
    }

    /// What a user calls it.
    public String title() {
        return name().toLowerCase(Locale.ROOT);
    }

    /// What it is, in a few words.
    public String description() {
        return description;
    }

    /// The text of `image.yaml` for an image called `name`.
    public String text(String name) {
        String file = title() + ".yaml";
        try (InputStream in = RecipeTemplate.class.getResourceAsStream(file)) {
            byte[] bytes = Objects.requireNonNull(in, file).readAllBytes();
            return new String(bytes, StandardCharsets.UTF_8).replace("@NAME@", name);
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
    }
}
