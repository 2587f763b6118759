// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.endtoend.architecture;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.GeneralCodingRules.NO_CLASSES_SHOULD_ACCESS_STANDARD_STREAMS;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import java.time.Clock;
import java.time.Instant;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// The arrows between modules and packages, and the one home of each foreign library.
class DependencyTest {
    private static final String ROOT = "org.sparegrid.";

    private static final JavaClasses PRODUCT =
            new ClassFileImporter()
                    .withImportOption(new ImportOption.DoNotIncludeTests())
                    .importPackages("org.sparegrid");

    private static final DescribedPredicate<JavaClass> OURS =
            resideInAnyPackage("org.sparegrid..").as("ours");

    private static void holds(ArchRule rule) {
        rule.allowEmptyShould(true).check(PRODUCT);
    }

    @Test
    void seesEveryModule() {
        assertThat(PRODUCT.stream().map(JavaClass::getPackageName).map(DependencyTest::module))
                .containsAll(
                        Set.of(
                                "protocol",
                                "virtualethernet",
                                "imagetools",
                                "attestation",
                                "coordinator",
                                "agent",
                                "cli"));
    }

    private static String module(String packageName) {
        String rest = packageName.substring(ROOT.length());
        return rest.contains(".") ? rest.substring(0, rest.indexOf('.')) : rest;
    }

    @ParameterizedTest
    @CsvSource({
        "protocol, protocol",
        "virtualethernet, virtualethernet",
        "imagetools, imagetools",
        "attestation, attestation",
        "coordinator, coordinator|protocol|attestation|virtualethernet",
        "agent, agent|protocol|virtualethernet|imagetools|attestation",
        "cli, cli|protocol|virtualethernet|imagetools|attestation",
    })
    void modulesDependOnWhatTheConventionsAllow(String module, String allowed) {
        String[] packages =
                java.util.Arrays.stream(allowed.split("\\|"))
                        .map(name -> ROOT + name + "..")
                        .toArray(String[]::new);
        holds(
                noClasses()
                        .that()
                        .resideInAPackage(ROOT + module + "..")
                        .should()
                        .dependOnClassesThat(
                                OURS.and(DescribedPredicate.not(resideInAnyPackage(packages)))));
    }

    @Test
    void packagesFormNoCycle() {
        holds(slices().matching("org.sparegrid.(**)").should().beFreeOfCycles());
    }

    @ParameterizedTest
    @CsvSource({
        "io.vertx.., coordinator.api..|agent.control..",
        "org.libvirt.., agent.hypervisor.libvirt..",
        "com.sun.jna.., agent.hypervisor.libvirt..|agent.process..",
        "com.fasterxml.jackson.., protocol.json..",
        "ch.qos.logback.., agent.diagnosis..|cli.diagnosis..",
        "java.lang.foreign.., virtualethernet.linux..",
        "picocli.., cli.command..|agent.command..|coordinator.command..",
        "org.apache.pdfbox.., cli.document..",
        "org.jdbi.., coordinator.store..",
        "com.zaxxer.., coordinator.store..",
        "org.apache.sshd.., coordinator.ssh..",
        "com.stripe.., coordinator.payment.stripe..",
        "com.google.gson.., coordinator.payment..",
        "org.flywaydb.., coordinator.store..",
    })
    void foreignLibrariesHaveOneHome(String library, String homes) {
        String[] packages =
                java.util.Arrays.stream(homes.split("\\|"))
                        .map(name -> ROOT + name)
                        .toArray(String[]::new);
        holds(
                noClasses()
                        .that(OURS.and(DescribedPredicate.not(resideInAnyPackage(packages))))
                        .should()
                        .dependOnClassesThat()
                        .resideInAPackage(library));
    }

    @ParameterizedTest
    @CsvSource({"util", "common", "helper", "helpers", "manager", "impl", "misc"})
    void noPackageIsACupboard(String name) {
        holds(noClasses().should().resideInAPackage("org.sparegrid.." + name + ".."));
    }

    @Test
    void pureLogicIsHandedTheTime() {
        holds(
                noClasses()
                        .that()
                        .resideInAnyPackage(
                                ROOT + "coordinator.market..",
                                ROOT + "coordinator.lease..",
                                ROOT + "coordinator.ledger..",
                                ROOT + "agent.lease..",
                                ROOT + "virtualethernet.path..",
                                ROOT + "virtualethernet.switching..",
                                ROOT + "virtualethernet.wire..",
                                ROOT + "virtualethernet.frame..",
                                ROOT + "virtualethernet.crypto..")
                        .should()
                        .callMethod(Instant.class, "now")
                        .orShould()
                        .callMethod(System.class, "nanoTime")
                        .orShould()
                        .callMethod(System.class, "currentTimeMillis")
                        .orShould()
                        .callMethod(Clock.class, "systemUTC"));
    }

    @Test
    void onlyOutputWritesToStandardStreams() {
        ArchRule rule =
                NO_CLASSES_SHOULD_ACCESS_STANDARD_STREAMS.as("only output uses the streams");
        rule.allowEmptyShould(true)
                .check(
                        PRODUCT.that(
                                DescribedPredicate.not(
                                        resideInAnyPackage(
                                                ROOT + "cli..",
                                                ROOT + "agent.command..",
                                                ROOT + "coordinator.command..",
                                                ROOT + "testsupport.."))));
    }

    @Test
    void nothingOfTheProgramsIsPublishedByLibraries() {
        holds(
                classes()
                        .that()
                        .resideInAnyPackage(
                                ROOT + "virtualethernet..",
                                ROOT + "imagetools..",
                                ROOT + "attestation..")
                        .should()
                        .onlyDependOnClassesThat(
                                resideInAnyPackage(
                                        "java..",
                                        "javax.crypto..",
                                        "javax.net.ssl..",
                                        "javax.security..",
                                        "javax.xml.stream..",
                                        "jdk.net..",
                                        "org.jspecify..",
                                        "org.bouncycastle..",
                                        "org.apache.commons.compress..",
                                        "com.github.luben.zstd..",
                                        "org.snakeyaml..",
                                        ROOT + "virtualethernet..",
                                        ROOT + "imagetools..",
                                        ROOT + "attestation..")));
    }
}
