// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.cli.command;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.sparegrid.cli.client.Coordinator;
import org.sparegrid.cli.client.RefusedException;
import org.sparegrid.cli.context.Settings;
import org.sparegrid.cli.output.Plain;
import org.sparegrid.protocol.AccountId;
import org.sparegrid.protocol.api.Account;
import org.sparegrid.protocol.api.ApiKey;
import org.sparegrid.protocol.api.NewJoinToken;
import org.sparegrid.protocol.api.Registration;
import org.sparegrid.protocol.api.Session;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// The commands about who is asking.
final class AccountCommands {
    private AccountCommands() {}

    /// Who is logged in where.
    ///
    /// @param expires when the session ends
    private record LoggedIn(AccountId account, String email, String coordinator, Instant expires) {}

    /// What `whoami` says.
    private record WhoAmI(Account account, String coordinator, String authority) {}

    /// What `register` and `login` have in common.
    abstract static class Opening extends DataCommand {
        private static final String ALL_NEEDED =
                "URL, --authority-sha256 and --email are all needed the first time";

        @Option(names = "--email", paramLabel = "ADDRESS", description = "The account's address.")
        @Nullable String email;

        @Option(
                names = "--authority-sha256",
                paramLabel = "HEX",
                description = {
                    "Fingerprint of the coordinator's authority, by which it is",
                    "recognised; its operator tells it to you."
                })
        @Nullable String authority;

        @Option(
                names = "--password-file",
                paramLabel = "FILE",
                description = "Read the password from the first line of FILE.")
        @Nullable Path passwordFile;

        final Settings settings(@Nullable String url, Optional<Settings> before) throws Failure {
            Settings settings = place(url, before);
            if (settings.email().isEmpty()) {
                throw new Failure(ExitCode.USAGE, ALL_NEEDED);
            }
            return settings;
        }

        /// Which coordinator; the address of the account may be missing.
        final Settings place(@Nullable String url, Optional<Settings> before) throws Failure {
            String address = url != null ? url : before.map(Settings::coordinator).orElse("");
            String pin = authority != null ? authority : before.map(Settings::authority).orElse("");
            String who = email != null ? email : before.map(Settings::email).orElse("");
            if (address.isEmpty() || pin.isEmpty()) {
                throw new Failure(ExitCode.USAGE, ALL_NEEDED);
            }
            try {
                return new Settings(
                        URI.create(address).toString(),
                        pin.toLowerCase(java.util.Locale.ROOT),
                        who);
            } catch (IllegalArgumentException malformed) {
                throw new Failure(ExitCode.USAGE, String.valueOf(malformed.getMessage()));
            }
        }

        final void store(Settings settings, Session session, String done) throws IOException {
            shell().context().save(settings, session.token());
            LoggedIn result =
                    new LoggedIn(
                            session.account(),
                            settings.email(),
                            settings.coordinator(),
                            session.expires());
            print(
                    "sparegrid.session/1",
                    result,
                    () ->
                            terminal()
                                    .print(
                                            done
                                                    + " as "
                                                    + Plain.line(settings.email())
                                                    + " ("
                                                    + session.account()
                                                    + ") at "
                                                    + settings.coordinator()));
        }
    }

    @Command(
            name = "register",
            description = "Open an account at a coordinator and log in.",
            footer =
                    "Example: sparegrid register https://grid.example.org:7443 \\%n"
                            + "           --authority-sha256 5d41…  --email you@example.org")
    static final class Register extends Opening {
        @Parameters(paramLabel = "URL", description = "The coordinator's address.")
        private String url = "";

        @Override
        int run() throws IOException, RefusedException, Failure, InterruptedException {
            Settings settings = settings(url, Optional.empty());
            String password = Password.of(shell(), passwordFile, true);
            Session session =
                    Coordinator.at(settings, Optional.empty())
                            .register(new Registration(settings.email(), password));
            store(settings, session, "Registered");
            return 0;
        }
    }

    @Command(
            name = "login",
            description = "Log in to an account; URL and options default to the last ones.")
    static final class Login extends Opening {
        @Parameters(arity = "0..1", paramLabel = "URL", description = "The coordinator's address.")
        private @Nullable String url;

        @Option(
                names = "--key-file",
                paramLabel = "FILE",
                description = {
                    "Use the API key in the first line of FILE from now on, instead of",
                    "a password; --email is not needed then."
                })
        private @Nullable Path keyFile;

        @Override
        int run() throws IOException, RefusedException, Failure, InterruptedException {
            if (keyFile != null) {
                useKey(Password.fromFile(keyFile, "key").strip());
                return 0;
            }
            Settings settings = settings(url, shell().context().settings());
            String password = Password.of(shell(), passwordFile, false);
            Session session =
                    Coordinator.at(settings, Optional.empty())
                            .login(new Registration(settings.email(), password));
            store(settings, session, "Logged in");
            return 0;
        }

        private void useKey(String token)
                throws IOException, RefusedException, Failure, InterruptedException {
            Settings place = place(url, shell().context().settings());
            Account account = Coordinator.at(place, Optional.of(token)).account();
            Settings settings =
                    new Settings(place.coordinator(), place.authority(), account.email());
            shell().context().save(settings, token);
            print(
                    "sparegrid.account/1",
                    new WhoAmI(account, settings.coordinator(), settings.authority()),
                    () ->
                            terminal()
                                    .print(
                                            "Acting for "
                                                    + Plain.line(account.email())
                                                    + " ("
                                                    + account.id()
                                                    + ") by a key at "
                                                    + settings.coordinator()));
        }
    }

    @Command(name = "logout", description = "End the session, or forget the key that is used.")
    static final class Logout extends DataCommand {
        private record LoggedOut(boolean ended) {}

        @Override
        int run() throws IOException, RefusedException, Failure, InterruptedException {
            String token = shell().context().token(shell().environment()).orElse("");
            boolean had = !token.isEmpty();
            if (token.startsWith(ApiKey.TOKEN_PREFIX)) {
                // A key is no session: it can be used until it is revoked.
                shell().context().forgetToken();
            } else if (had) {
                try {
                    coordinator().logout();
                } catch (RefusedException gone) {
                    if (!gone.name().equals("unauthenticated")) {
                        throw gone;
                    }
                } finally {
                    shell().context().forgetToken();
                }
            }
            print(
                    "sparegrid.logout/1",
                    new LoggedOut(had),
                    () -> terminal().print(had ? "Logged out" : "There was no session"));
            return 0;
        }
    }

    @Command(name = "whoami", description = "Show who is logged in, and where.")
    static final class WhoAmICommand extends DataCommand {
        @Override
        int run() throws IOException, RefusedException, Failure, InterruptedException {
            Account account = coordinator().account();
            Settings settings = shell().settings();
            print(
                    "sparegrid.account/1",
                    new WhoAmI(account, settings.coordinator(), settings.authority()),
                    () -> {
                        String key = account.imageKey().isEmpty() ? "none yet" : account.imageKey();
                        terminal().print("account      " + account.id());
                        terminal().print("e-mail       " + Plain.line(account.email()));
                        terminal().print("coordinator  " + settings.coordinator());
                        terminal().print("authority    " + settings.authority());
                        terminal().print("image key    " + Plain.line(key));
                    });
            return 0;
        }
    }

    @Command(
            name = "join-token",
            description = {
                "Make a token with which one computer joins as a seller of this account.",
                "On that computer: sparegrid-agent join TOKEN"
            })
    static final class JoinToken extends DataCommand {
        @Override
        int run() throws IOException, RefusedException, Failure, InterruptedException {
            NewJoinToken token = coordinator().joinToken();
            print("sparegrid.join-token/1", token, () -> terminal().print(token.token()));
            return 0;
        }
    }
}
