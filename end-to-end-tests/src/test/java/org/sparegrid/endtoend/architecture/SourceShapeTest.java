// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.endtoend.architecture;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.source.tree.CompilationUnitTree;
import com.sun.source.tree.LineMap;
import com.sun.source.tree.MethodTree;
import com.sun.source.util.JavacTask;
import com.sun.source.util.SourcePositions;
import com.sun.source.util.TreeScanner;
import com.sun.source.util.Trees;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;

/// How long methods and files may be, and which marks must not stay behind.
class SourceShapeTest {
    private static final int METHOD_LINES_MAX = 70;
    private static final int FILE_LINES_MAX = 500;

    private static List<Path> sources() throws IOException {
        Path repository = Path.of("").toAbsolutePath().getParent();
        try (Stream<Path> files = Files.walk(repository)) {
            return files.filter(file -> file.toString().endsWith(".java"))
                    .filter(file -> !file.toString().contains("/target/"))
                    .toList();
        }
    }

    @Test
    void findsTheSources() throws IOException {
        assertThat(sources()).hasSizeGreaterThan(50);
    }

    @Test
    void filesAreShort() throws IOException {
        List<String> faults = new ArrayList<>();
        for (Path file : sources()) {
            long lines = Files.readAllLines(file).size();
            if (lines > FILE_LINES_MAX) {
                faults.add(file.getFileName() + ": " + lines + " lines");
            }
        }
        assertThat(faults).as("files over " + FILE_LINES_MAX + " lines").isEmpty();
    }

    @Test
    void methodsFitOnAScreen() throws IOException {
        assertThat(longMethods(sources()))
                .as("methods over " + METHOD_LINES_MAX + " lines")
                .isEmpty();
    }

    @Test
    void noMarksOfUnfinishedWorkStayBehind() throws IOException {
        List<String> faults = new ArrayList<>();
        for (Path file : sources()) {
            if (file.endsWith("SourceShapeTest.java")) {
                continue;
            }
            for (String line : Files.readAllLines(file)) {
                if (line.matches(".*\\b(TODO|FIXME|XXX)\\b.*") && !line.matches(".*#[0-9]+.*")) {
                    faults.add(file.getFileName() + ": " + line.strip());
                }
            }
        }
        assertThat(faults).isEmpty();
    }

    private static List<String> longMethods(List<Path> files) throws IOException {
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        List<String> faults = new ArrayList<>();
        try (StandardJavaFileManager manager = compiler.getStandardFileManager(null, null, null)) {
            JavacTask task =
                    (JavacTask)
                            compiler.getTask(
                                    null,
                                    manager,
                                    null,
                                    List.of("--release", "25"),
                                    null,
                                    manager.getJavaFileObjectsFromPaths(files));
            SourcePositions positions = Trees.instance(task).getSourcePositions();
            for (CompilationUnitTree unit : task.parse()) {
                unit.accept(new MethodLength(unit, positions, faults), null);
            }
        }
        return faults;
    }

    private static final class MethodLength extends TreeScanner<Void, Void> {
        private final CompilationUnitTree unit;
        private final SourcePositions positions;
        private final List<String> faults;

        MethodLength(CompilationUnitTree unit, SourcePositions positions, List<String> faults) {
            this.unit = unit;
            this.positions = positions;
            this.faults = faults;
        }

        @Override
        public Void visitMethod(MethodTree method, Void unused) {
            long start = positions.getStartPosition(unit, method);
            long end = positions.getEndPosition(unit, method);
            if (start >= 0 && end >= 0) {
                LineMap lines = unit.getLineMap();
                long length = lines.getLineNumber(end) - lines.getLineNumber(start) + 1;
                if (length > METHOD_LINES_MAX) {
                    faults.add(
                            unit.getSourceFile().getName()
                                    + ": "
                                    + method.getName()
                                    + " has "
                                    + length);
                }
            }
            return super.visitMethod(method, unused);
        }
    }
}
