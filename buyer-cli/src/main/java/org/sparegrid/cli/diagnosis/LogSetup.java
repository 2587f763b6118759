// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.cli.diagnosis;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.Configurator;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import ch.qos.logback.core.FileAppender;
import ch.qos.logback.core.encoder.EncoderBase;
import ch.qos.logback.core.spi.ContextAwareBase;
import ch.qos.logback.core.status.NopStatusListener;
import java.nio.charset.StandardCharsets;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/// Where what is logged goes: to the file that the program names. Logback finds it by its name in
/// `META-INF/services`.
///
/// In code and not in XML: Java looks up a logger when a program starts another one for the first
/// time, and reading XML took a tenth of what a small `image build` does. A file that
/// `-Dlogback.configurationFile` names still counts.
public final class LogSetup extends ContextAwareBase implements Configurator {
    /// Names the file; without it, somebody else sets logging up.
    public static final String FILE = "sparegrid.log.file";

    private static final String FILE_OF_ANOTHER = "logback.configurationFile";

    @Override
    public ExecutionStatus configure(LoggerContext context) {
        String file = System.getProperty(FILE);
        if (file == null || System.getProperty(FILE_OF_ANOTHER) != null) {
            return ExecutionStatus.INVOKE_NEXT_IF_ANY;
        }
        // Without a listener Logback prints what it can't do, such as to open the file.
        context.getStatusManager().add(new NopStatusListener());
        Line line = new Line();
        line.setContext(context);
        line.start();
        FileAppender<ILoggingEvent> log = new FileAppender<>();
        log.setContext(context);
        log.setName("file");
        log.setFile(file);
        log.setEncoder(line);
        log.start();
        Logger root = context.getLogger(Logger.ROOT_LOGGER_NAME);
        root.setLevel(Level.INFO);
        root.addAppender(log);
        return ExecutionStatus.DO_NOT_INVOKE_NEXT_IF_ANY;
    }

    /// One line, and below it the whole trace of what was thrown.
    static final class Line extends EncoderBase<ILoggingEvent> {
        @Override
        public byte[] encode(ILoggingEvent event) {
            String logger = event.getLoggerName();
            StringBuilder text = new StringBuilder(160);
            DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss.SSSXXX", Locale.ROOT)
                    .withZone(ZoneOffset.UTC)
                    .formatTo(event.getInstant(), text);
            text.append(' ').append(event.getLevel());
            text.append(" ".repeat(Math.max(1, 6 - event.getLevel().toString().length())));
            text.append(logger.substring(logger.lastIndexOf('.') + 1)).append(' ');
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
