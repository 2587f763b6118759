// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.cli.diagnosis;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.Configurator.ExecutionStatus;
import ch.qos.logback.classic.util.LogbackMDCAdapter;
import ch.qos.logback.core.status.StatusUtil;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LogSetupTest {
    @TempDir private Path folder;

    private final LoggerContext context = new LoggerContext();

    @AfterEach
    void stopsLogging() {
        context.stop();
        System.clearProperty(LogSetup.FILE);
        System.clearProperty("logback.configurationFile");
    }

    @Test
    void writesWhatIsLoggedIntoTheFileThatIsNamed() throws Exception {
        Path file = folder.resolve("new/sparegrid.log");
        System.setProperty(LogSetup.FILE, file.toString());
        context.setMDCAdapter(new LogbackMDCAdapter());

        assertThat(new LogSetup().configure(context))
                .isEqualTo(ExecutionStatus.DO_NOT_INVOKE_NEXT_IF_ANY);
        var log = context.getLogger("org.sparegrid.cli.Some");
        log.debug("nobody reads this");
        log.info("lease={}", 7);
        log.error("failed", new IllegalStateException("because"));

        List<String> lines = Files.readAllLines(file);
        assertThat(lines.get(0))
                .matches("\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}Z INFO  Some lease=7");
        assertThat(lines.get(1)).endsWith("Z ERROR Some failed");
        assertThat(lines.get(2)).isEqualTo("java.lang.IllegalStateException: because");
        assertThat(lines.get(3)).contains("at org.sparegrid.cli.diagnosis.LogSetupTest");
    }

    @Test
    void keepsQuietAboutAFileThatCannotBeWritten() {
        System.setProperty(LogSetup.FILE, folder.toString());
        assertThat(new LogSetup().configure(context))
                .isEqualTo(ExecutionStatus.DO_NOT_INVOKE_NEXT_IF_ANY);
        assertThat(StatusUtil.contextHasStatusListener(context))
                .as("nothing is printed on the screen")
                .isTrue();
    }

    @Test
    void leavesItToOthersWhereNoFileOrAnotherSettingIsNamed() {
        assertThat(new LogSetup().configure(context)).isEqualTo(ExecutionStatus.INVOKE_NEXT_IF_ANY);

        System.setProperty(LogSetup.FILE, folder.resolve("x").toString());
        System.setProperty("logback.configurationFile", "logback-verbose.xml");
        assertThat(new LogSetup().configure(context)).isEqualTo(ExecutionStatus.INVOKE_NEXT_IF_ANY);
    }
}
