// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.config;

import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.sparegrid.coordinator.market.formula.PriceCurve;
import org.sparegrid.coordinator.store.Store;
import org.sparegrid.protocol.Credits;
import org.sparegrid.protocol.api.Invoice;
import org.sparegrid.protocol.settings.SettingsException;
import org.sparegrid.protocol.settings.SettingsTable;

/// All settings of a coordinator; docs/operations/coordinator.md has a line for each.
///
/// @param listenAddress the local address of the HTTPS port
/// @param port the HTTPS port
/// @param publicAddresses host names and addresses by which clients reach it; its certificate names
///   them, and the first stands in join tokens
/// @param store where the tables are, as [Store#parse] reads it
/// @param nodeAddress where other nodes on the same PostgreSQL reach this one, `host:port`; if
///   empty the first public address
/// @param commissionBasisPoints the operator's part of each deposit, in hundredths of a percent
/// @param royaltyBasisPoints the pool's part of what sellers are paid for machines, likewise
/// @param royaltyAccount the address of the account that gets it
/// @param openPortBonus what sellers get of the commission for each GB that their open UDP ports
///   saved relays; 0 for nothing
/// @param openPortShareBasisPoints what part of the commission that may be, likewise
/// @param settleInterval how often running machines are billed
/// @param offerTimeout how long an agent may think about a lease
/// @param bootTimeout how long a machine's start may take
/// @param lostAfter how long the agent of a running machine may be silent
/// @param interruptionNotice how long before its end the buyer of an interruptible machine is told
///   that a firm order displaces it
/// @param heartbeat how often each side of an agent session sends something
/// @param networks the range from which networks get their subnets, a /16
/// @param relayPort the UDP port of the relay
/// @param stunPort the second UDP port of the relay, which answers STUN only
/// @param relayBytesPerSecond what the relay forwards at most; 0 means that there is none
/// @param invoiceIssuer name and address of the operator on invoices, a line each; without them it
///   issues none
/// @param metricsToken what must be shown to see figures; if empty nobody sees them
/// @param addressRequests how many requests a second one address may make, 0 for any number
/// @param accountRequests how many requests a second one account may make, 0 for any number
/// @param sshPort the TCP port of the SSH gateway; [#NO_SSH] if there is none
/// @param marketRecordBytes what the record of the market may take of the disk, 0 for no record
/// @param imageQuotaBytes what an account's images may take of the disk, 0 for any amount
/// @param referencePrice the formula of the reference price; nothing if leases make it
/// @param payments by whom people pay
public record Settings(
        String listenAddress,
        int port,
        List<String> publicAddresses,
        String store,
        String nodeAddress,
        int commissionBasisPoints,
        int royaltyBasisPoints,
        String royaltyAccount,
        Credits openPortBonus,
        int openPortShareBasisPoints,
        Duration settleInterval,
        Duration offerTimeout,
        Duration bootTimeout,
        Duration lostAfter,
        Duration interruptionNotice,
        Duration heartbeat,
        String networks,
        int relayPort,
        int stunPort,
        long relayBytesPerSecond,
        List<String> invoiceIssuer,
        String metricsToken,
        int addressRequests,
        int accountRequests,
        int sshPort,
        long marketRecordBytes,
        long imageQuotaBytes,
        PriceCurve referencePrice,
        PaymentSettings payments) {
    /// The name of the settings file in the data folder.
    public static final String FILE = "coordinator.toml";

    /// No SSH gateway is wanted.
    public static final int NO_SSH = -1;

    private static final String DATABASE = "coordinator.db";

    private static final Pattern SPACE = Pattern.compile("([1-9][0-9]{0,3}) ?(MiB|GiB)");

    private static final long SPACE_LEAST = 8L << 20;

    /// More than a GB costs anywhere, and so little that no sum of bonuses is too large.
    private static final Credits BONUS_MAX = Credits.parse("1");

    private static final Pattern RATE = Pattern.compile("([1-9][0-9]{0,3}) ?(Mbit/s|Gbit/s)");

    public Settings {
        publicAddresses = List.copyOf(publicAddresses);
        invoiceIssuer = List.copyOf(invoiceIssuer);
    }

    /// Where other nodes reach this one.
    public String reachedAt() {
        return nodeAddress.isEmpty() ? publicAddresses.getFirst() + ":" + port : nodeAddress;
    }

    /// Where the tables of the coordinator in that folder are.
    public Store store(Path folder) {
        return Store.parse(store, folder.resolve(DATABASE));
    }

    /// Reads the settings file of a data folder.
    ///
    /// @throws SettingsException with all faults
    public static Settings load(Path folder) throws IOException, SettingsException {
        Path file = folder.resolve(FILE);
        return parse(Files.readString(file), file.toString());
    }

    /// Reads settings from text that messages call `file`.
    ///
    /// @throws SettingsException with all faults
    public static Settings parse(String toml, String file) throws SettingsException {
        SettingsTable table = SettingsTable.parse(toml, file);
        int port = table.number("port", 7443, 0, 65_535);
        int relayPort = table.number("relay-port", port, 0, 65_535);
        Settings settings =
                new Settings(
                        table.text("listen-address", "0.0.0.0", Settings::host),
                        port,
                        table.texts("public-addresses", 16, Settings::host),
                        table.text("store", Store.FILE, Settings::store),
                        table.text("node-address", "", Settings::nodeAddress),
                        table.text("commission", "10 %", Settings::basisPoints),
                        table.text("royalty", "0 %", Settings::basisPoints),
                        table.text("royalty-account", "", Settings::email),
                        table.text("open-port-bonus", "0", Settings::perGigabyte),
                        table.text("open-port-share", "50 %", Settings::basisPoints),
                        table.span("settle-interval", "60 s", seconds(1), seconds(3600)),
                        table.span("offer-timeout", "10 s", seconds(1), seconds(600)),
                        table.span("boot-timeout", "15 min", seconds(10), seconds(7200)),
                        table.span("lost-after", "10 min", seconds(10), seconds(86_400)),
                        table.span("interruption-notice", "120 s", seconds(0), seconds(3600)),
                        table.span("heartbeat", "10 s", seconds(1), seconds(300)),
                        table.text("networks", "10.77.0.0/16", Settings::range),
                        relayPort,
                        table.number("stun-port", behind(relayPort), 0, 65_535),
                        table.text("relay-bandwidth", "100 Mbit/s", Settings::bytesPerSecond),
                        table.texts("invoice-issuer", Invoice.LINES_MAX, Settings::addressLine),
                        table.text("metrics-token", "", Settings::secret),
                        table.text("address-requests", "500/s", Settings::perSecond),
                        table.text("account-requests", "200/s", Settings::perSecond),
                        table.number("ssh-port", NO_SSH, 0, 65_535),
                        table.text("market-record", "1 GiB", Settings::space),
                        table.text("image-quota", "50 GiB", Settings::space),
                        table.text("reference-price", "", PriceCurve::parse),
                        PaymentSettings.parse(table));
        table.finish();
        List<String> faults = new ArrayList<>(settings.payments.faults());
        if (settings.publicAddresses.isEmpty()) {
            faults.add(
                    "public-addresses: name at least one host name or address by which"
                            + " clients reach this coordinator");
        }
        if (settings.royaltyBasisPoints > 0 && settings.royaltyAccount.isEmpty()) {
            faults.add("royalty-account: name the account that gets the royalty");
        }
        if (!faults.isEmpty()) {
            throw new SettingsException(file, faults);
        }
        return settings;
    }

    /// The next port, or any where the first is any one or the last one.
    private static int behind(int port) {
        return port == 0 || port == 65_535 ? 0 : port + 1;
    }

    /// The text of a new settings file.
    public static String template(String listenAddress, List<String> publicAddresses, int port) {
        return """
        # Settings of sparegrid-coordinator; see docs/operations/coordinator.md.
        listen-address = "%s"
        port = %d
        public-addresses = [%s]
        store = "sqlite"             # or "postgresql://USER:PASSWORD@HOST:PORT/DATABASE"
        commission = "10 %%"          # of each deposit
        settle-interval = "60 s"     # how often running machines are billed
        offer-timeout = "10 s"       # how long an agent may think about a lease
        boot-timeout = "15 min"      # how long a machine's start may take
        lost-after = "10 min"        # how long the agent of a running machine may be silent
        heartbeat = "10 s"           # of agent sessions
        networks = "10.77.0.0/16"    # where networks get their subnets
        relay-bandwidth = "100 Mbit/s" # for machines that can't reach each other; or "off"
        """
                .formatted(
                        listenAddress,
                        port,
                        String.join(
                                ", ",
                                publicAddresses.stream().map(each -> "\"" + each + "\"").toList()));
    }

    /// Checks a host name or address.
    ///
    /// @throws IllegalArgumentException if it is neither
    public static String host(String text) {
        if (!text.matches("[A-Za-z0-9]([A-Za-z0-9.:-]{0,250}[A-Za-z0-9])?")) {
            throw new IllegalArgumentException(
                    "expected a host name or an address, got '" + text + "'");
        }
        return text;
    }

    private static String store(String text) {
        Store.parse(text, Path.of(DATABASE));
        return text;
    }

    private static String nodeAddress(String text) {
        if (!text.matches("([A-Za-z0-9][A-Za-z0-9.-]{0,250}:[0-9]{1,5})?")) {
            throw new IllegalArgumentException("expected HOST:PORT, got '" + text + "'");
        }
        return text;
    }

    private static int basisPoints(String text) {
        if (!text.matches("[0-9]{1,2}([.][0-9]{1,2})? ?%")) {
            throw new IllegalArgumentException(
                    "expected a percentage below 100 such as \"2.5 %\", got '" + text + "'");
        }
        return new BigDecimal(text.replace("%", "").strip()).movePointRight(2).intValueExact();
    }

    private static Credits perGigabyte(String text) {
        Credits credits = Credits.parse(text);
        if (credits.nanos() < 0 || credits.compareTo(BONUS_MAX) > 0) {
            throw new IllegalArgumentException(
                    "expected credits for a GB, 0 to " + BONUS_MAX + ", got '" + text + "'");
        }
        return credits;
    }

    private static String email(String text) {
        if (!text.matches("([^@\\s]{1,64}@[^@\\s]{1,189})?")) {
            throw new IllegalArgumentException(
                    "expected an account's address such as \"town@example.org\", got '"
                            + text
                            + "'");
        }
        return text.toLowerCase(Locale.ROOT);
    }

    private static String range(String text) {
        if (!text.matches("(10|172|192)[.][0-9]{1,3}[.]0[.]0/16")) {
            throw new IllegalArgumentException(
                    "expected a private range such as \"10.77.0.0/16\", got '" + text + "'");
        }
        return text;
    }

    private static long bytesPerSecond(String text) {
        if (text.equals("off")) {
            return 0;
        }
        Matcher rate = RATE.matcher(text);
        if (!rate.matches()) {
            throw new IllegalArgumentException(
                    "expected a rate such as \"100 Mbit/s\" or \"off\", got '" + text + "'");
        }
        long number = Long.parseLong(rate.group(1));
        return number * (rate.group(2).equals("Mbit/s") ? 125_000L : 125_000_000L);
    }

    private static long space(String text) {
        if (text.equals("off")) {
            return 0;
        }
        Matcher space = SPACE.matcher(text);
        if (space.matches()) {
            long bytes = Long.parseLong(space.group(1)) << (space.group(2).equals("MiB") ? 20 : 30);
            if (bytes >= SPACE_LEAST) {
                return bytes;
            }
        }
        throw new IllegalArgumentException(
                "expected 8 MiB to 9999 GiB such as \"1 GiB\", or \"off\", got '" + text + "'");
    }

    private static int perSecond(String text) {
        if (text.equals("off")) {
            return 0;
        }
        if (!text.matches("[1-9][0-9]{0,5}/s")) {
            throw new IllegalArgumentException(
                    "expected a number of requests such as \"200/s\" or \"off\", got '"
                            + text
                            + "'");
        }
        return Integer.parseInt(text.substring(0, text.length() - 2));
    }

    private static String addressLine(String text) {
        if (!Invoice.isLine(text)) {
            throw new IllegalArgumentException("expected lines of 1 to 80 characters");
        }
        return text;
    }

    private static String secret(String text) {
        if (!text.matches("([A-Za-z0-9._~-]{16,200})?")) {
            throw new IllegalArgumentException("expected 16 to 200 of A-Z, a-z, 0-9, ._~-");
        }
        return text;
    }

    private static Duration seconds(long seconds) {
        return Duration.ofSeconds(seconds);
    }
}
