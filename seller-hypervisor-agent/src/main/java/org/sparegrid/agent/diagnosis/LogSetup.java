// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.diagnosis;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.Configurator;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import ch.qos.logback.core.ConsoleAppender;
import ch.qos.logback.core.OutputStreamAppender;
import ch.qos.logback.core.encoder.EncoderBase;
import ch.qos.logback.core.rolling.FixedWindowRollingPolicy;
import ch.qos.logback.core.rolling.RollingFileAppender;
import ch.qos.logback.core.rolling.SizeBasedTriggeringPolicy;
import ch.qos.logback.core.spi.ContextAwareBase;
import ch.qos.logback.core.util.Duration;
import ch.qos.logback.core.util.FileSize;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import org.slf4j.LoggerFactory;

/// Where what is logged goes: to the terminal, and of the agent that sells to files of at most 10
/// MiB in all, too. Logback finds it by its name in `META-INF/services`.
///
/// In code and not in XML, because the parser and what it needs would stay in the memory of an
/// agent that runs for months. A file that `-Dlogback.configurationFile` names still counts.
public final class LogSetup extends ContextAwareBase implements Configurator {
    private static final String FILE_OF_ANOTHER = "logback.configurationFile";
    private static final long FILE_BYTES_MAX = 2 << 20;
    private static final int OLDER_FILES = 4;

    @Override
    public ExecutionStatus configure(LoggerContext context) {
        if (System.getProperty(FILE_OF_ANOTHER) != null) {
            return ExecutionStatus.INVOKE_NEXT_IF_ANY;
        }
        var root = context.getLogger(Logger.ROOT_LOGGER_NAME);
        root.setLevel(Level.WARN);
        root.addAppender(terminal(context));
        context.getLogger("org.sparegrid")
                .setLevel(Level.toLevel(System.getenv("SPAREGRID_LOG"), Level.INFO));
        return ExecutionStatus.DO_NOT_INVOKE_NEXT_IF_ANY;
    }

    /// Has what is logged from now on go to files of this folder as well.
    static void addFiles(Path folder) {
        if (System.getProperty(FILE_OF_ANOTHER) == null
                && LoggerFactory.getILoggerFactory() instanceof LoggerContext context) {
            context.getLogger(Logger.ROOT_LOGGER_NAME).addAppender(files(context, folder));
        }
    }

    private static ConsoleAppender<ILoggingEvent> terminal(LoggerContext context) {
        ConsoleAppender<ILoggingEvent> terminal = new ConsoleAppender<>();
        terminal.setTarget("System.err");
        return started(terminal, context, "terminal");
    }

    private static RollingFileAppender<ILoggingEvent> files(LoggerContext context, Path folder) {
        RollingFileAppender<ILoggingEvent> files = new RollingFileAppender<>();
        files.setFile(folder.resolve("agent.log").toString());
        FixedWindowRollingPolicy names = new FixedWindowRollingPolicy();
        names.setContext(context);
        names.setParent(files);
        names.setFileNamePattern(folder.resolve("agent.%i.log").toString());
        names.setMinIndex(1);
        names.setMaxIndex(OLDER_FILES);
        names.start();
        SizeBasedTriggeringPolicy<ILoggingEvent> size = new SizeBasedTriggeringPolicy<>();
        size.setContext(context);
        size.setMaxFileSize(new FileSize(FILE_BYTES_MAX));
        size.setCheckIncrement(Duration.buildByMilliseconds(0));
        size.start();
        files.setRollingPolicy(names);
        files.setTriggeringPolicy(size);
        return started(files, context, "file");
    }

    private static <A extends OutputStreamAppender<ILoggingEvent>> A started(
            A appender, LoggerContext context, String name) {
        Line line = new Line();
        line.setContext(context);
        line.start();
        appender.setContext(context);
        appender.setName(name);
        appender.setEncoder(line);
        appender.start();
        return appender;
    }

    /// One line, and below it the whole trace of what was thrown.
    static final class Line extends EncoderBase<ILoggingEvent> {
        private static final DateTimeFormatter TIME =
                DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss.SSSXXX", Locale.ROOT)
                        .withZone(ZoneOffset.UTC);

        @Override
        public byte[] encode(ILoggingEvent event) {
            StringBuilder text = new StringBuilder(160);
            TIME.formatTo(event.getInstant(), text);
            text.append(' ').append(event.getLevel());
            text.append(" ".repeat(Math.max(1, 6 - event.getLevel().toString().length())));
            text.append(event.getFormattedMessage()).append('\n');
            if (event.getThrowableProxy() != null) {
                text.append(ThrowableProxyUtil.asString(event.getThrowableProxy()));
            }
            return text.toString().getBytes(StandardCharsets.UTF_8);
        }

        @Override
        public byte[] headerBytes() {
            return new byte[0];
        }

        @Override
        public byte[] footerBytes() {
            return new byte[0];
        }
    }
}
