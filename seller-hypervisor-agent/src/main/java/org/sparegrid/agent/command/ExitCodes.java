// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.command;

import java.io.IOException;
import java.net.ConnectException;
import java.net.UnknownHostException;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpTimeoutException;
import javax.net.ssl.SSLException;
import org.sparegrid.agent.config.SettingsException;
import org.sparegrid.agent.identity.NotJoinedException;
import org.sparegrid.agent.identity.RefusedException;
import org.sparegrid.protocol.FailureText;
import picocli.CommandLine;

/// What the program's exit code says.
final class ExitCodes implements CommandLine.IExecutionExceptionHandler {
    static final int OK = 0;
    static final int FAILED = 1;
    static final int USAGE = 2;
    static final int AUTHENTICATION = 4;
    static final int TIMEOUT = 6;
    static final int UNREACHABLE = 7;
    static final int INTERRUPTED = 130;

    @Override
    public int handleExecutionException(
            Exception failed, CommandLine command, CommandLine.ParseResult result) {
        command.getErr().println("error: " + FailureText.of(failed));
        return of(failed);
    }

    static int of(Exception failed) {
        return switch (failed) {
            case SettingsException _ -> USAGE;
            case IllegalArgumentException _ -> USAGE;
            case NotJoinedException _ -> AUTHENTICATION;
            case RefusedException _ -> AUTHENTICATION;
            case SSLException _ -> AUTHENTICATION;
            case ConnectException _ -> UNREACHABLE;
            case UnknownHostException _ -> UNREACHABLE;
            case HttpConnectTimeoutException _ -> UNREACHABLE;
            case HttpTimeoutException _ -> TIMEOUT;
            case InterruptedException _ -> INTERRUPTED;
            case IOException _ -> FAILED;
            default -> FAILED;
        };
    }
}
