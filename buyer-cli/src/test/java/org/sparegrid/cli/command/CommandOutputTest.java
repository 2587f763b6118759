// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.cli.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.sparegrid.cli.context.Context;
import org.sparegrid.cli.fake.FakeCoordinator;
import org.sparegrid.cli.fake.FakeCoordinator.Reply;
import org.sparegrid.cli.output.Terminal;
import org.sparegrid.protocol.AccountId;
import org.sparegrid.protocol.Credits;
import org.sparegrid.protocol.KeyId;
import org.sparegrid.protocol.api.Account;
import org.sparegrid.protocol.api.ApiKey;
import org.sparegrid.protocol.api.ExplanationRequest;
import org.sparegrid.protocol.api.ImageSummary;
import org.sparegrid.protocol.api.Images;
import org.sparegrid.protocol.api.LedgerPage;
import org.sparegrid.protocol.api.Offers;
import org.sparegrid.protocol.api.Orders;
import org.sparegrid.protocol.api.Session;
import org.sparegrid.protocol.api.Wallet;
import org.sparegrid.protocol.market.Acceleration;
import org.sparegrid.protocol.market.Attribute;
import org.sparegrid.protocol.market.LeaseProgress;
import org.sparegrid.protocol.market.LeaseState;
import org.sparegrid.protocol.market.Order;
import org.sparegrid.protocol.market.OrderState;
import org.sparegrid.protocol.market.Placement;
import org.sparegrid.protocol.market.Query;
import org.sparegrid.protocol.market.Quote;

/// Whole command lines against a coordinator that answers as told.
class CommandOutputTest {
    private static FakeCoordinator fake;

    @TempDir Path home;
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

    @BeforeAll
    static void open() throws Exception {
        fake = FakeCoordinator.open();
    }

    @AfterAll
    static void close() {
        fake.close();
    }

    @BeforeEach
    void answer() {
        Order order =
                Samples.order(
                        OrderState.RUNNING,
                        Samples.lease("node1", LeaseState.RUNNING, LeaseProgress.NONE),
                        Samples.lease(
                                "node2",
                                LeaseState.STARTING,
                                new LeaseProgress(LeaseProgress.Phase.FETCHING, 1, 2)));
        fake.on("GET /v1/orders", new Orders(List.of(order)));
        fake.on(
                "GET /v1/offers",
                new Offers(
                        List.of(
                                Samples.offer("living room", Acceleration.KVM, "0.05"),
                                Samples.offer("old laptop", Acceleration.EMULATION, "12.5"))));
        fake.on(
                "GET /v1/wallet",
                new Wallet(Credits.parse("19.4"), Credits.parse("0.2"), Credits.ZERO));
        fake.on("GET /v1/wallet/ledger", ledger());
        fake.on(
                "GET /v1/images",
                new Images(
                        List.of(
                                new ImageSummary(
                                        Samples.IMAGE, "mpi", 181_000_000, 2790, Samples.START))));
        fake.on(
                "POST /v1/quotes",
                Samples.quote(1, List.of(new Quote.Exclusion("memory>=4096", 3))));
        fake.on("GET /v1/prices", Samples.prices());
        fake.on("POST /v1/explanations", Samples.explanation());
        fake.on("GET /v1/orders/ord-abcdefghijkl/explanation", Samples.explanation());
    }

    private static LedgerPage ledger() {
        return new LedgerPage(
                List.of(
                        entry("wallet", "release", "ord-abcdefghijkl", "0.148263889"),
                        entry("escrow", "settle", "vm-abcdefghijkl", "-0.051736111"),
                        entry("wallet", "deposit", "dep-abcdefghijkl", "20")),
                0);
    }

    private static LedgerPage.Entry entry(String book, String kind, String of, String amount) {
        return new LedgerPage.Entry(
                1, Samples.START, book, kind, of, Credits.parse(amount), Credits.parse("19.4"));
    }

    private int run(String... words) throws Exception {
        return run(Map.of(), words);
    }

    private int run(Map<String, String> environment, String... words) throws Exception {
        out.reset();
        err.reset();
        Context context = Context.of(Map.of("SPAREGRID_HOME", home.toString()));
        if (context.settings().isEmpty()) {
            context.save(fake.settings(), "secret");
        }
        Terminal terminal =
                new Terminal(
                        new PrintStream(out, true, StandardCharsets.UTF_8),
                        new PrintStream(err, true, StandardCharsets.UTF_8),
                        false,
                        false,
                        80);
        Shell shell =
                new Shell(
                        terminal,
                        environment,
                        context,
                        Clock.fixed(Instant.parse("2026-11-21T10:05:00Z"), ZoneOffset.UTC));
        return Sparegrid.commandLine(shell, List.of(words)).execute(words);
    }

    private String text() {
        return out.toString(StandardCharsets.UTF_8);
    }

    @Test
    void listsOffersWithTheReasonsBelow() throws Exception {
        assertThat(run("offers")).isZero();
        assertThat(text())
                .isEqualTo(
                        """
                        seller    name         cpus  memory  price/h  accel     score  free
                        a1b2c3d4  living room     2   2 GiB   0.0500  kvm        1.23   1/2
                        a1b2c3d4  old laptop      2   2 GiB  12.5000  emulated   1.23   1/2

                        living room, kvm: KVM works
                        old laptop, emulated: /dev/kvm is not there; guests are translated by QEMU
                        """);
    }

    @Test
    void alignsTheLedger() throws Exception {
        assertThat(run("wallet", "ledger")).isZero();
        assertThat(text())
                .isEqualTo(
                        """
                        time            book    what     for                 amount  balance
                        11-21 10:00:00  wallet  release  ord-abcdefghijkl   +0.1483  19.4000
                        11-21 10:00:00  escrow  settle   vm-abcdefghijkl    -0.0517  19.4000
                        11-21 10:00:00  wallet  deposit  dep-abcdefghijkl  +20.0000  19.4000
                        """);
    }

    @Test
    void listsMachinesWithinEightyColumns() throws Exception {
        assertThat(run("vm", "ls")).isZero();
        assertThat(text().lines()).hasSize(3).allSatisfy(l -> assertThat(l).hasSizeBetween(40, 80));
        assertThat(text()).contains("node1.demo", "running", "fetching", "10.77.3.11", "0.0517");
    }

    @Test
    void showsTheTimelineOfAMachine() throws Exception {
        assertThat(run("vm", "show", "node1")).isZero();
        assertThat(text())
                .contains("0.3 s  accepted", "1 min 15 s  running", "up on the network")
                .contains("0.0500 an hour", "0.0517 for 3725 s");
    }

    @Test
    void saysWhatRulesOffersOut() throws Exception {
        assertThat(run("quote", "mpi", "-n", "2")).isEqualTo(3);
        assertThat(text())
                .endsWith(
                        """

                        1 machine for 0.0500 an hour; at most 0.1000 in 2 h 00 min
                        Expected: ready after 42.0 s; work for 2 h 00 min done after 2 h 10 min; 0.02
                          interruptions in that time; all machines last to the end: 97.0 %
                        Reference price of machines as fast: 0.0400 an hour, the median of 31 leases in 7 days; this is 125 % of it
                        1 of 2 machines can be had now, for 0.0500 an hour; 12 slots are on offer

                        what rules out slots  slots  nothing else does
                        memory>=4096              3                  2
                        country in [SE,FI]        1                  0

                        Cheapest change: memory>=2048 instead of memory>=4096, for 0.1100 an hour
                        Or: leave out country in [SE,FI], for 0.1200 an hour
                        """);
        assertThat(run("explain", "demo")).isEqualTo(3);
        assertThat(text()).startsWith("1 of 2 machines can be had now");
    }

    @Test
    void tellsASellerWhatItsOfferWouldHaveNeeded() throws Exception {
        fake.on("GET /v1/sellers/" + Samples.SELLER + "/explanation", Samples.sellerExplanation());
        assertThat(run("explain", "--seller", Samples.SELLER.value())).isZero();
        assertThat(text())
                .isEqualTo(
                        """
                        A slot costs 0.0500 an hour
                        Reference price of machines as fast: 0.0400 an hour, the median of 31 leases in 7 days; this is 125 % of it

                        order of             machines  result          wins at/h  or fee  what it fails
                        2026-11-21 10:00:00         2  too dear      0.099999999       -
                        2026-11-21 10:00:00         1  fee too high            -       0  fee<=0
                        2026-11-21 10:00:00         1  excluded                -       -  memory>=4096
                        """);
        assertThat(run("explain")).isEqualTo(2);
        assertThat(run("explain", "--seller", "x")).isEqualTo(2);
    }

    @Test
    void asksForWhatTheQuerySays() throws Exception {
        assertThat(run("offers", "cpu>=2", "country in [se,fi]", "-o", "score-")).isZero();
        assertThat(fake.requests().getLast().query())
                .isEqualTo("q=cpu>=2 country in [SE,FI]&order=score-");
        assertThat(run("explain", "-n", "2", "memory>=4GiB kvm")).isEqualTo(3);
        assertThat(fake.requests().getLast().as(ExplanationRequest.class))
                .isEqualTo(
                        new ExplanationRequest(
                                2, Query.parse("memory>=4096 kvm"), Placement.ANY, 0, 0));
        run("quote", "mpi", "--where", "up>20", "--where", "not udp", "--max-price", "0.5");
        assertThat(fake.requests().getLast().as(ExplanationRequest.class).where())
                .hasToString("cpu>=1 memory>=768 price<=0.5 fee<=0 kvm up>20 not udp");
    }

    @Test
    void printsPricesByTheHour() throws Exception {
        assertThat(run("prices", "--hours", "48")).isZero();
        assertThat(fake.requests().getLast().query()).isEqualTo("hours=48");
        assertThat(text())
                .isEqualTo(
                        """
                        Reference price: 0.0400 an hour of one core, the median of 31 leases in 7 days

                        hour              leases     low  median    high  per core
                        2026-11-21 10:00       4  0.0200  0.0500  0.1000    0.0400
                        """);
        assertThat(run("prices", "--hours", "0")).isEqualTo(2);
    }

    @Test
    void pointsAtTheFaultOfAQuery() throws Exception {
        assertThat(run("offers", "cpu>=2 contry in [SE]")).isEqualTo(2);
        assertThat(err.toString(StandardCharsets.UTF_8))
                .isEqualTo(
                        """
                        error: query: there is no attribute 'contry' at column 8; did you mean country?
                          cpu>=2 contry in [SE]
                                 ^
                        """);
        assertThat(run("offers", "-o", "prise")).isEqualTo(2);
        assertThat(err.toString(StandardCharsets.UTF_8)).contains("did you mean price?");
    }

    @Test
    void explainsTheQueryLanguageWithinEightyColumns() throws Exception {
        assertThat(run("help", "query")).isZero();
        assertThat(text().lines()).allMatch(line -> line.length() <= 80);
        for (Attribute attribute : Attribute.values()) {
            assertThat(text()).contains("\n  " + attribute.label() + " ");
        }
    }

    @ParameterizedTest
    @CsvSource({
        "offers, sparegrid.offers/1",
        "wallet balance, sparegrid.wallet/1",
        "wallet ledger, sparegrid.ledger/1",
        "image ls, sparegrid.images/1",
        "quote mpi, sparegrid.quote/1",
        "prices, sparegrid.prices/1",
        "explain kvm, sparegrid.explanation/1",
        "order ls, sparegrid.orders/1",
        "order show demo, sparegrid.order/1",
        "vm ls, sparegrid.machines/1",
        "vm show node1, sparegrid.machine/1",
        "net ls, sparegrid.networks/1",
        "net down, sparegrid.network-left/1",
        "version, sparegrid.version/1",
        "doctor, sparegrid.doctor/1",
    })
    void writesJsonWithTheNameOfItsSchema(String words, String schema) throws Exception {
        String[] all = (words + " --json").split(" ");
        run(all);
        assertThat(text()).startsWith("{\n  \"schema\" : \"" + schema + "\",");
    }

    @ParameterizedTest
    @CsvSource({
        "unauthenticated, 401, 4",
        "forbidden, 403, 4",
        "not-found, 404, 3",
        "no-match, 409, 3",
        "funds, 402, 5",
        "cost-cap, 409, 5",
        "invalid, 400, 2",
        "conflict, 409, 1",
        "internal, 500, 1",
    })
    void turnsProblemsIntoExitCodes(String name, int status, int code) throws Exception {
        fake.on("GET /v1/offers", _ -> Reply.refused(status, name, "the reason"));
        assertThat(run("offers")).isEqualTo(code);
        assertThat(err.toString(StandardCharsets.UTF_8)).startsWith("error: the reason\n");
        assertThat(text()).isEmpty();
    }

    @Test
    void asksForNothingWithoutATerminal() throws Exception {
        assertThat(run("run", "mpi", "-n", "2")).isEqualTo(2);
        assertThat(err.toString(StandardCharsets.UTF_8)).contains("give --yes");
        assertThat(run("login")).isEqualTo(2);
        assertThat(err.toString(StandardCharsets.UTF_8)).contains("SPAREGRID_PASSWORD_FILE");
    }

    @Test
    void keepsTheTokenFromOtherUsers() throws Exception {
        Path password = Files.writeString(home.resolve("password"), "a long password\n");
        fake.on(
                "POST /v1/sessions",
                request -> {
                    assertThat(new String(request.body(), StandardCharsets.UTF_8))
                            .contains("a long password\"");
                    return Reply.of(
                            201,
                            new Session(
                                    new AccountId("acc-abcdefghijkl"), "new-token", Samples.START));
                });
        assertThat(run(Map.of("SPAREGRID_PASSWORD_FILE", password.toString()), "login")).isZero();
        assertThat(text()).doesNotContain("new-token");
        assertThat(home.resolve("token")).hasContent("new-token");
        assertThat(Files.getPosixFilePermissions(home.resolve("token"))).hasSize(2);
    }

    @Test
    void runsNothingIfTheWalletIsTooEmpty() throws Exception {
        fake.on("GET /v1/wallet", new Wallet(Credits.ZERO, Credits.ZERO, Credits.ZERO));
        fake.on("POST /v1/quotes", Samples.quote(0, List.of()));
        long before = fake.count("POST /v1/orders");
        assertThat(run("run", "mpi", "--name", "other", "--yes")).isEqualTo(5);
        assertThat(err.toString(StandardCharsets.UTF_8)).contains("up to 0.1000 would be held");
        assertThat(fake.count("POST /v1/orders")).isEqualTo(before);
    }

    @Test
    void saysWhatOfANodesPriceIsForItsReliability() throws Exception {
        fake.on("POST /v1/quotes", Samples.nodeQuote());
        assertThat(run("quote", "mpi", "--reliability", "0.99")).isZero();
        assertThat(text())
                .contains("node1         2     0.995000   0.1100")
                .contains("Of that, 0.0600 an hour is for reliability: as many single machines");
    }

    @Test
    void refusesASecondOrderOfTheSameName() throws Exception {
        assertThat(run("run", "mpi", "--name", "demo", "--yes")).isEqualTo(2);
        assertThat(err.toString(StandardCharsets.UTF_8)).contains("give this one another --name");
    }

    @Test
    void printsAKeyAloneSoThatAFileCanHoldIt() throws Exception {
        ApiKey key = key("robot", ApiKey.State.LIVE);
        fake.on("POST /v1/keys", _ -> Reply.of(201, new ApiKey.Made(key, "sgk_secret")));
        assertThat(
                        run(
                                "key",
                                "create",
                                "robot",
                                "--scope",
                                "read,Order",
                                "--spend-max",
                                "5",
                                "--for",
                                "30d"))
                .isZero();
        assertThat(text()).isEqualTo("sgk_secret\n");
        assertThat(err.toString(StandardCharsets.UTF_8)).contains("key-abcdefghijkl");
        assertThat(fake.requests().getLast().as(ApiKey.Request.class))
                .isEqualTo(new ApiKey.Request("robot", key.scopes(), Credits.parse("5"), 30));
        assertThat(run("key", "create", "robot", "--for", "1h")).isEqualTo(2);
        assertThat(run("key", "create", "ro/bot")).isEqualTo(2);
        assertThat(run("key", "create", "robot", "--scope", "all")).isEqualTo(2);
        assertThat(run("key", "revoke", "robot")).isEqualTo(2);
    }

    @Test
    void listsKeysWithWhatWasSpentByThem() throws Exception {
        fake.on("GET /v1/keys", new ApiKey.Page(List.of(key("robot", ApiKey.State.EXPIRED))));
        assertThat(run("key", "ls")).isZero();
        assertThat(text())
                .isEqualTo(
                        """
                        key               name   scopes       spent      of  until       state
                        key-abcdefghijkl  robot  read,order  1.2500  5.0000  2026-12-21  expired
                        """);
        fake.on("DELETE /v1/keys/key-abcdefghijkl", key("robot", ApiKey.State.REVOKED));
        assertThat(run("key", "revoke", "key-abcdefghijkl")).isZero();
        assertThat(text()).contains("revoked");
    }

    @Test
    void actsByAKeyFromAFile() throws Exception {
        fake.on(
                "GET /v1/account",
                new Account(new AccountId("acc-abcdefghijkl"), "a@example.org", "", Samples.START));
        Path file = Files.writeString(home.resolve("key"), "sgk_secret\n");
        Context context = Context.of(Map.of("SPAREGRID_HOME", home.toString()));
        assertThat(
                        run(
                                "login",
                                fake.settings().coordinator(),
                                "--authority-sha256",
                                fake.settings().authority(),
                                "--key-file",
                                file.toString()))
                .isZero();
        assertThat(text()).startsWith("Acting for a@example.org (acc-abcdefghijkl) by a key at ");
        assertThat(fake.requests().getLast().authorization()).isEqualTo("Bearer sgk_secret");
        assertThat(context.token(Map.of())).contains("sgk_secret");
        assertThat(context.settings().orElseThrow().email()).isEqualTo("a@example.org");
        long asked = fake.requests().size();
        assertThat(run("logout")).isZero();
        assertThat(fake.requests()).hasSize((int) asked);
        assertThat(context.token(Map.of())).isEmpty();
    }

    @Test
    void writesAStatementInBothForms() throws Exception {
        fake.on(
                "GET /v1/account",
                new Account(new AccountId("acc-abcdefghijkl"), "a@example.org", "", Samples.START));
        assertThat(run("wallet", "statement", "--month", "2026-11")).isZero();
        assertThat(text().lines())
                .hasSize(4)
                .endsWith(
                        "1,2026-11-21T10:00:00Z,wallet,release,ord-abcdefghijkl,0.148263889,19.4");
        assertThat(run("wallet", "statement", "--month", "2026-10")).isZero();
        assertThat(text()).isEqualTo("number,time,book,what,for,amount,balance\n");
        String pdf = home.resolve("november.pdf").toString();
        String[] asked = {"wallet", "statement", "--month", "2026-11", "--format", "pdf"};
        assertThat(run(asked)).isEqualTo(2);
        String[] whole = java.util.Arrays.copyOf(asked, 8);
        whole[6] = "-o";
        whole[7] = pdf;
        assertThat(run(whole)).isZero();
        assertThat(Files.readAllBytes(Path.of(pdf)))
                .startsWith("%PDF-".getBytes(StandardCharsets.US_ASCII));
    }

    private static ApiKey key(String name, ApiKey.State state) {
        return new ApiKey(
                new KeyId("key-abcdefghijkl"),
                name,
                List.of(ApiKey.Scope.READ, ApiKey.Scope.ORDER),
                Credits.parse("5"),
                Credits.parse("1.25"),
                Samples.START,
                Samples.START.plusSeconds(30 * 86_400L),
                state);
    }
}
