// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.cli.rehearsal;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ChildrenTest {
    @TempDir Path folder;
    private final Children children = new Children();
    private final BlockingQueue<String> died = new LinkedBlockingQueue<>();

    private void start(String script) throws Exception {
        Path log = folder.resolve("seller2.log");
        children.start(List.of(), List.of("sh", "-c", script), Map.of(), log, died::add);
    }

    @Test
    void tellsWhatAProgramSaidThatEndsBeforeItsTime() throws Exception {
        start("for i in $(seq 2000); do echo line $i; done; echo no memory >&2; exit 3");

        String why = died.poll(60, TimeUnit.SECONDS);

        assertThat(why)
                .startsWith("seller2 ended with exit code 3; its last words:\n")
                .contains("\n  line 1994\n")
                .doesNotContain("line 1993")
                .endsWith("\n  no memory");
        children.close();
    }

    @Test
    void tellsNothingOfAnEndThatIsMeant() throws Exception {
        start("exec sleep 1000");

        children.close();

        assertThat(died.poll(200, TimeUnit.MILLISECONDS)).isNull();
    }
}
