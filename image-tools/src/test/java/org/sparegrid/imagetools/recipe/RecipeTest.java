// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.imagetools.recipe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.sparegrid.imagetools.chunk.Sha256Digest;
import org.sparegrid.imagetools.iso.Customisation;
import org.sparegrid.testsupport.Property;

class RecipeTest {
    private static final String KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ0Rf alice@example.org";

    private static final String FULL =
            """
            sparegrid: 1
            name: render-farm
            base:
              iso: live.iso
              sha256: "%s"
            layers:
              - name: tools
                packages: [gcc, "libc6-dev=2.36-9"]
                files:
                  - to: /etc/motd
                    content: |
                      hello
                    mode: "0600"
                  - to: /opt
                    from: tree
                    owner: alice
                users:
                  - name: alice
                    shell: /bin/sh
                    groups: [video]
                    keys: ["%s"]
                  - name: bob
                services:
                  - name: ssh
                  - name: worker
                    command: /opt/${{program}} --all
                    restart: always
                    user: alice
                    after: [ssh]
                    environment: {A: b c}
                  - name: prepare
                    script: prepare.sh
                run:
                  - ldconfig
                  - script: prepare.sh
                network: true
            boot:
              kernel_arguments: [mitigations=off]
            needs:
              memory: 2 GiB
            limits:
              image: 2 GiB
              layer: 100 MiB
            variables:
              program: worker
            mode: rebuild
            """
                    .formatted("ab".repeat(32), KEY);

    @TempDir Path folder;

    private Recipe parse(String yaml) throws RecipeFormatException {
        return Recipe.parse(yaml, folder, "image.yaml");
    }

    @Test
    void readsEveryKey() throws Exception {
        Files.createDirectory(folder.resolve("tree"));
        Files.writeString(folder.resolve("prepare.sh"), "#!/bin/sh\n");

        Recipe recipe = parse(FULL);

        assertThat(recipe)
                .isEqualTo(
                        new Recipe(
                                "render-farm",
                                new Base.PinnedIsoFile(
                                        folder.resolve("live.iso"),
                                        Sha256Digest.parse("ab".repeat(32))),
                                List.of(Customisation.Way.REBUILD),
                                List.of(
                                        new Layer(
                                                "tools",
                                                List.of("gcc", "libc6-dev=2.36-9"),
                                                List.of(
                                                        new User(
                                                                "alice",
                                                                "/bin/sh",
                                                                List.of("video"),
                                                                List.of(KEY)),
                                                        new User(
                                                                "bob",
                                                                User.SHELL_DEFAULT,
                                                                List.of(),
                                                                List.of())),
                                                List.of(
                                                        new FileEntry.Text(
                                                                "/etc/motd",
                                                                "hello\n",
                                                                0600,
                                                                "root"),
                                                        new FileEntry.Copy(
                                                                "/opt",
                                                                folder.resolve("tree"),
                                                                "alice")),
                                                List.of(
                                                        new Service.Existing("ssh"),
                                                        new Service.Command(
                                                                "worker",
                                                                "/opt/worker --all",
                                                                "always",
                                                                new Execution(
                                                                        "alice",
                                                                        List.of("ssh"),
                                                                        Map.of("A", "b c"))),
                                                        new Service.Script(
                                                                "prepare",
                                                                folder.resolve("prepare.sh"),
                                                                Execution.PLAIN)),
                                                List.of(
                                                        new BuildStep.Command("ldconfig"),
                                                        new BuildStep.Script(
                                                                folder.resolve("prepare.sh"))),
                                                true)),
                                List.of("mitigations=off"),
                                2048,
                                new Limits(2L << 30, 100 << 20)));
    }

    @Test
    void needsNoMoreThanAName() throws RecipeFormatException {
        assertThat(parse("sparegrid: 1\nname: x\n"))
                .isEqualTo(
                        new Recipe(
                                "x",
                                new Base.Sparegrid(),
                                Recipe.WAYS_DEFAULT,
                                List.of(),
                                List.of(),
                                512,
                                Limits.NONE));
    }

    @ParameterizedTest
    @EnumSource(RecipeTemplate.class)
    void readsItsTemplates(RecipeTemplate template) throws RecipeFormatException {
        assertThat(parse(template.text("my-image")).name()).isEqualTo("my-image");
        assertThat(RecipeTemplate.named(template.title())).contains(template);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "'' | image.yaml:1: recipe: expected keys and values, got nothing",
                "'[1, 2]' | image.yaml:1: recipe: expected keys and values",
                "'name: x' | image.yaml:1: recipe: expected sparegrid: 1",
                "'sparegrid: 2\nname: x' | image.yaml:1: sparegrid: expected version 1",
                "'sparegrid: 1' | image.yaml:1: name: missing",
                "'sparegrid: 1\nname: X y' | image.yaml:2: name: expected 1 to 63 letters",
                "'sparegrid: 1\nname: x\nlayer: []' | image.yaml:3: recipe: unknown key \"layer\", did you mean \"layers\"?",
                "'sparegrid: 1\nname: x\nzzzzzz: []' | known keys are sparegrid, name, variables, base, mode, layers, boot, needs, limits",
                "'sparegrid: 1\nname: x\nname: y' | image.yaml:3: recipe: key \"name\" stands here twice",
                "'sparegrid: 1\nname: x\nbase: debian' | image.yaml:3: base: expected sparegrid, or the key iso",
                "'sparegrid: 1\nname: x\nbase: {}' | base: expected the key iso",
                "'sparegrid: 1\nname: x\nbase: {sha256: a}' | sha256: expected 64 lower-case hexadecimal",
                "'sparegrid: 1\nname: x\nbase: {iso: a, sha256: a}' | sha256: expected 64 lower-case hexadecimal",
                "'sparegrid: 1\nname: x\nlayers: {a: b}' | image.yaml:3: layers: expected a list",
                "'sparegrid: 1\nname: x\nlayers: [{}]' | layer name: missing",
                "'sparegrid: 1\nname: x\nlayers: [{name: a}, {name: a}]' | layer name: \"a\" stands here twice",
                "'sparegrid: 1\nname: x\nlayers:\n- name: a\n  pakages: [gcc]' | image.yaml:5: layer: unknown key \"pakages\", did you mean \"packages\"?",
                "'sparegrid: 1\nname: x\nlayers:\n- name: a\n  packages: [gcc, --purge]' | image.yaml:5: packages: expected a package's name, got \"--purge\"",
                "'sparegrid: 1\nname: x\nlayers:\n- name: a\n  packages: [[gcc]]' | packages: expected a text",
                "'sparegrid: 1\nname: x\nlayers:\n- name: a\n  files: [{to: /a}]' | file: expected the key to, and either content or from",
                "'sparegrid: 1\nname: x\nlayers:\n- name: a\n  files: [{to: /a, content: b, from: c}]' | and either content or from",
                "'sparegrid: 1\nname: x\nlayers:\n- name: a\n  files: [{to: a, content: b}]' | to: expected an absolute path",
                "'sparegrid: 1\nname: x\nlayers:\n- name: a\n  files: [{to: /a/../b, content: b}]' | to: expected an absolute path",
                "'sparegrid: 1\nname: x\nlayers:\n- name: a\n  files: [{to: /a, content: b, mode: rwx}]' | mode: expected octal permissions",
                "'sparegrid: 1\nname: x\nlayers:\n- name: a\n  files: [{to: /a, from: missing}]' | from: no such file or folder",
                "'sparegrid: 1\nname: x\nlayers:\n- name: a\n  services: [{name: a b}]' | service name: expected letters",
                "'sparegrid: 1\nname: x\nlayers:\n- name: a\n  services: [{name: a, command: b}]' | begins with an absolute path",
                "'sparegrid: 1\nname: x\nlayers:\n- name: a\n  services: [{name: a, command: /b, restart: maybe}]' | restart: expected no, on-failure or always",
                "'sparegrid: 1\nname: x\nlayers:\n- name: a\n  network: maybe' | network: expected true or false",
                "'sparegrid: 1\nname: x\nlayers:\n- name: a\n  services: [{name: a, script: no}]' | script: no such file",
                "'sparegrid: 1\nname: x\nlayers:\n- name: a\n  services: [{name: a, script: plain}]' | script: expected a file that begins with #!",
                "'sparegrid: 1\nname: x\nlayers:\n- name: a\n  services: [{name: a, script: b, command: /b}]' | expected one of command, script and container",
                "'sparegrid: 1\nname: x\nlayers:\n- name: a\n  services: [{name: a, user: bob}]' | user: goes with command, script or container",
                "'sparegrid: 1\nname: x\nlayers:\n- name: a\n  services: [{name: a, command: /b, environment: {A-: b}}]' | environment: expected a name of letters",
                "'sparegrid: 1\nname: x\nlayers:\n- name: a\n  services: [{name: a, command: /b, after: [a b]}]' | after: expected a service",
                "'sparegrid: 1\nname: x\nlayers:\n- name: a\n  services: [{name: a, container: plain, user: bob}]' | user: a container image names its own",
                "'sparegrid: 1\nname: x\nlayers:\n- name: a\n  run: [{scirpt: b}]' | run: unknown key \"scirpt\", did you mean \"script\"?",
                "'sparegrid: 1\nname: x\nlayers:\n- name: a\n  users: [{shell: /bin/sh}]' | user: expected the key name",
                "'sparegrid: 1\nname: x\nlayers:\n- name: a\n  users: [{name: Bob}]' | user name: expected letters a-z",
                "'sparegrid: 1\nname: x\nlayers:\n- name: a\n  users: [{name: bob, keys: [x]}]' | keys: expected an OpenSSH public key",
                "'sparegrid: 1\nname: x\nlayers:\n- name: a\n  files: [{to: /a, content: b, owner: B}]' | owner: expected a user",
                "'sparegrid: 1\nname: x\nlayers:\n- name: a\n  files: [{to: /a, content: -----BEGIN PRIVATE KEY-----}]' | got a private key",
                "'sparegrid: 1\nname: x\nvariables: {a b: c}' | variables: expected a name of letters",
                "'sparegrid: 1\nname: x\nvariables: {grid: c}\nlayers: [{name: \"${{grd}}\"}]' | image.yaml:4: layer name: unknown variable \"grd\", did you mean \"grid\"?",
                "'sparegrid: 1\nname: \"${{a}}\"' | unknown variable \"a\", the recipe has no variables",
                "'sparegrid: 1\nname: x\nmode: rebuilt' | mode: expected auto, layer, payload or rebuild, got \"rebuilt\"",
                "'sparegrid: 1\nname: x\nlimits: {image: 5}' | image: expected 1 MiB to 1024 GiB",
                "'sparegrid: 1\nname: x\nboot: {kernel_arguments: [a b]}' | kernel_arguments: expected one argument",
                "'sparegrid: 1\nname: x\nneeds: {memory: 512}' | memory: expected 64 MiB to 1024 GiB",
                "'sparegrid: 1\nname: x\nneeds: {memory: 1 MiB}' | memory: expected 64 MiB to 1024 GiB",
                "'sparegrid: 1\nname: x\n  y: 1' | image.yaml:3: not valid YAML",
                "'sparegrid: 1\nname: [x' | not valid YAML",
            })
    void rejectsAndSaysWhereAndWhy(String yaml, String why) throws Exception {
        Files.writeString(folder.resolve("plain"), "echo");
        assertThatThrownBy(() -> parse(yaml))
                .isInstanceOf(RecipeFormatException.class)
                .hasMessageContaining(why);
    }

    @Test
    void takesOtherValuesForItsVariablesAndLeavesTheShellItsOwn() throws Exception {
        Path file = folder.resolve("image.yaml");
        Files.writeString(
                file,
                "sparegrid: 1\nname: x\nvariables: {jobs: 2}\n"
                        + "layers: [{name: a, run: ['echo ${{ jobs }} ${jobs} $jobs']}]\n");

        Recipe recipe = Recipe.load(file, Map.of("jobs", "$1"));

        assertThat(recipe.layers().getFirst().run())
                .containsExactly(new BuildStep.Command("echo $1 ${jobs} $jobs"));
        assertThatThrownBy(() -> Recipe.load(file, Map.of("job", "3")))
                .hasMessageContaining("has no \"job\", did you mean \"jobs\"?");
    }

    @Test
    void refusesVariablesThatMakeItTooLong() {
        String uses = "${{a}}".repeat(1000);
        String yaml =
                "sparegrid: 1\nname: x\nvariables: {a: "
                        + "b".repeat(4000)
                        + "}\nlayers:\n"
                        + "- {name: a, run: ['"
                        + uses
                        + "']}\n";

        assertThatThrownBy(() -> parse(yaml)).hasMessageContaining("longer than 1048576");
    }

    @Test
    void findsABaseByItsDigestAlone() throws RecipeFormatException {
        String digest = "cd".repeat(32);

        assertThat(parse("sparegrid: 1\nname: x\nbase: {sha256: " + digest + "}\n").base())
                .isEqualTo(new Base.Digest(Sha256Digest.parse(digest), folder));
    }

    @Test
    void reportsAllFaultsTogether() {
        assertThatThrownBy(() -> parse("sparegrid: 3\nnam: x\nneeds: {memory: 1}\n"))
                .hasMessageContaining("image.yaml:1: sparegrid")
                .hasMessageContaining(
                        "image.yaml:2: recipe: unknown key \"nam\", did you mean \"name\"?")
                .hasMessageContaining("image.yaml:3: memory");
    }

    @Test
    void refusesAnAliasThatRefersToItself() {
        assertThatThrownBy(() -> parse("sparegrid: 1\nname: x\nlayers: &a [*a]\n"))
                .isInstanceOf(RecipeFormatException.class);
    }

    @Test
    void refusesARecipeThatIsTooLong() throws Exception {
        Path file = Files.write(folder.resolve("image.yaml"), new byte[Recipe.BYTES_MAX + 1]);

        assertThatThrownBy(() -> Recipe.load(file, Map.of()))
                .hasMessageContaining("at most 1048576 bytes");
    }

    @Test
    void refusesTextThatIsNotUtf8() throws Exception {
        Path file =
                Files.write(folder.resolve("image.yaml"), new byte[] {'a', ':', ' ', (byte) 0xff});

        assertThatThrownBy(() -> Recipe.load(file, Map.of()))
                .hasMessageContaining("expected text in UTF-8");
    }

    @Test
    void refusesOrReadsAnyMutant() {
        Property.holds(
                2_000,
                random -> {
                    char[] mutant = FULL.toCharArray();
                    for (int i = random.nextInt(1, 5); i > 0; i--) {
                        mutant[random.nextInt(mutant.length)] = (char) random.nextInt(1, 0x180);
                    }
                    try {
                        parse(new String(mutant));
                    } catch (RecipeFormatException expected) {
                        assertThat(expected).hasMessageStartingWith("image.yaml:");
                    }
                });
    }

    @ParameterizedTest
    @CsvSource({"kitten, sitting, 3", "abc, abc, 0", "ab, ba, 1", "'', abc, 3"})
    void countsTheStepsBetweenWords(String a, String b, int steps) {
        assertThat(NearestKey.distance(a, b)).isEqualTo(steps);
    }
}
