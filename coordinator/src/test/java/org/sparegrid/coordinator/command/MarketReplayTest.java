// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.sparegrid.coordinator.config.Settings;
import org.sparegrid.coordinator.history.RecordFolder;
import org.sparegrid.protocol.Credits;
import org.sparegrid.protocol.ImageId;
import org.sparegrid.protocol.api.OrderRequest;
import org.sparegrid.protocol.market.Order;

/// How an operator looks back at the market, beside a coordinator that serves and after it.
class MarketReplayTest {
    private static final long HOUR = 3600;

    @TempDir private Path folder;
    private Trial trial;
    private Trial.Person buyer;
    private ImageId image;
    private final List<FakeAgent> agents = new ArrayList<>();

    @BeforeEach
    void open() throws Exception {
        Files.writeString(folder.resolve(Settings.FILE), "public-addresses = [\"127.0.0.1\"]\n");
        trial = new Trial(folder);
        Trial.Person seller = trial.person("seller");
        for (String price : List.of("0.3", "0.2")) {
            agents.add(FakeAgent.join(trial, seller, price));
        }
        buyer = trial.person("buyer");
        buyer.pay("100");
        image = buyer.image("image").id();
    }

    @AfterEach
    void close() throws Exception {
        agents.forEach(FakeAgent::close);
        trial.close();
    }

    @Test
    void showsWhatHappenedAndThatItWouldAgain() throws Exception {
        Order cheap = buyer.order(Trial.spec(image, "alpha", 1, HOUR));
        Order dear = buyer.order(Trial.spec(image, "beta", 1, HOUR));
        buyer.once(
                        "/v1/orders",
                        new OrderRequest(Trial.spec(image, "gamma", 3, HOUR), Credits.MAX, false),
                        Trial.key())
                .problem("no-match", 409);
        String all = await("3 choices made again");
        assertThat(all)
                .startsWith("0 from ")
                .contains("3 choices made again: 3 the same, 0 different, 0 can't be checked")
                .doesNotContain("fault")
                .doesNotContain("note");

        assertThat(operator("market", "replay", "--orders"))
                .contains(cheap.id() + "  order        1 for 0.200000/h  same  cpu>=1")
                .contains(dear.id() + "  order        1 for 0.300000/h  same")
                .contains("3 of 3 missing  same");
        assertThat(operator("market", "replay", "--order", cheap.id().value()))
                .contains("order " + cheap.id() + " at ")
                .contains("book    2 offers, 2 free slots, the cheapest 0.200000 an hour")
                .contains("got     " + agents.get(1).seller() + "/0 for 0.200000 an hour")
                .contains("again   same")
                .contains("why     2 of 2 slots meet all terms");
        String json = operator("market", "replay", "--json", "--order", dear.id().value());
        assertThat(json)
                .startsWith("0 {")
                .contains("\"schema\" : \"sparegrid.market-replay/1\"")
                .contains("\"verdict\" : \"same\"")
                .contains("\"freeSlots\" : 1");

        trial.stop();
        assertThat(operator("market", "replay")).contains("3 the same").doesNotContain("note");
        trial.open();
        assertThat(operator("market", "replay", "--to", "2020-01-01"))
                .startsWith("0 nothing happened in that time");
    }

    @Test
    void endsWithOneWhereTheRecordIsDamaged() throws Exception {
        buyer.order(Trial.spec(image, "alpha", 1, HOUR));
        await("1 choices made again");
        agents.forEach(FakeAgent::close);
        trial.stop();
        Path file = RecordFolder.of(folder).path().resolve("0000000001.record");
        byte[] bytes = Files.readAllBytes(file);
        bytes[bytes.length - 5] ^= 1;
        Files.write(file, bytes);
        assertThat(operator("market", "replay"))
                .startsWith("1 ")
                .contains("fault: 0000000001.record: damaged at byte ")
                .contains("a wrong checksum");
        bytes[bytes.length - 5] ^= 1;
        Files.write(file, bytes);
        trial.open();
    }

    @Test
    void saysWhatIsWrongWithTheCommand() throws Exception {
        assertThat(operator("market")).startsWith("2 ").contains("replay");
        assertThat(operator("market", "replay", "--from", "yesterday"))
                .startsWith("2 ")
                .contains("--from: expected a time in UTC such as 2026-11-22");
        assertThat(operator("market", "replay", "--from", "2026-01-02", "--to", "2026-01-01"))
                .startsWith("2 ")
                .contains("--from: expected a time before --to");
        assertThat(operator("market", "replay", "--order", "alpha"))
                .startsWith("2 ")
                .contains("--order: identifier: expected ord-");
        await("0 choices made again");
        assertThat(operator("market", "replay", "--order", "ord-aaaaaaaaaaaa"))
                .startsWith("1 ")
                .contains("the record has no order ord-aaaaaaaaaaaa")
                .contains("--orders lists those that it has");
    }

    @Test
    void listsWhatIsOfferedAndWhatIsOrdered() throws Exception {
        assertThat(operator("order", "ls")).isEqualTo("0 no order is open\n");
        Order cheap = buyer.order(Trial.spec(image, "alpha", 1, HOUR));
        await("1 choices made again");
        String book = operator("market", "book");
        assertThat(book).startsWith("0 2 offers, 1 free slots, as of ").doesNotContain("note");
        assertThat(book.lines().skip(2))
                .satisfiesExactly(
                        sold ->
                                assertThat(sold)
                                        .startsWith(agents.get(1).seller().value().substring(0, 8))
                                        .contains("0/1   0.200000"),
                        free ->
                                assertThat(free)
                                        .startsWith(agents.get(0).seller().value().substring(0, 8))
                                        .contains("1/1   0.300000"));
        assertThat(operator("market", "book", "--limit", "1", "--json"))
                .contains("\"schema\" : \"sparegrid.market-book/1\"")
                .contains("\"count\" : 2", "\"freeSlots\" : 1", "\"complete\" : true")
                .contains(agents.get(1).seller().value())
                .doesNotContain(agents.get(0).seller().value());
        assertThat(operator("market", "book", "--at", "2001-01-01")).startsWith("0 0 offers");
        assertThat(operator("market", "book", "--limit", "0"))
                .startsWith("2 ")
                .contains("--limit: expected 1 to ");
        assertThat(operator("order", "ls"))
                .contains(cheap.id().value())
                .containsPattern("(STARTING|RUNNING)")
                .contains("alpha");
    }

    @Test
    void showsTheMarketInFigures() throws Exception {
        await("0 choices made again");
        assertThat(operator("market", "stats"))
                .startsWith("0 offers    2, 2 of them with a free slot, as of ")
                .contains("free      2 slots for 0.200000 to 0.300000 an hour, half of them for at")
                .contains("at most 0.200000\n")
                .contains("running   0 machines for 0.000000 an hour in all\n")
                .contains("unsold    100.0 %\n")
                .contains("last day  0 orders, 0 of them filled; 0 machines\n");
        buyer.order(Trial.spec(image, "alpha", 1, HOUR));
        for (int i = 0; i < 2; i++) {
            buyer.once(
                            "/v1/orders",
                            new OrderRequest(
                                    Trial.spec(image, "gamma", 3, HOUR), Credits.MAX, false),
                            Trial.key())
                    .problem("no-match", 409);
        }
        await("3 choices made again");
        assertThat(operator("market", "stats"))
                .startsWith("0 offers    2, 1 of them with a free slot, as of ")
                .contains("free      1 slots for 0.300000 to 0.300000 an hour")
                .contains("running   1 machines for 0.200000 an hour in all\n")
                .contains("unsold    50.0 %\n")
                .contains("waiting   0 orders for 0 machines\n")
                .contains("reference unknown: 1 leases in 7 days, 20 are needed")
                .contains("last hour 3 orders, 1 of them filled; 1 machines for 0.200000 an hour")
                .contains("last day  3 orders, 1 of them filled; 1 machines for 0.200000 an hour");
        assertThat(operator("market", "stats", "--json"))
                .contains("\"schema\" : \"sparegrid.market-stats/1\"")
                .contains("\"unsoldPercent\" : 50.0")
                .contains("\"freeSlots\" : 1");
        assertThat(operator("market", "prices")).contains("reference  unknown: 1 leases in 7 days");
        assertThat(operator("market", "prices", "--json"))
                .contains("\"schema\" : \"sparegrid.prices/1\"")
                .contains("\"source\" : \"NONE\"");
        assertThat(operator("market", "prices", "--hours", "0"))
                .contains("--hours: expected 1 to 9600, got 0");
    }

    @Test
    void countsWhatIsWritten() throws Exception {
        await("0 choices made again");
        String figures =
                trial.send(
                                trial.request("/metrics")
                                        .header("Authorization", "Bearer 0123456789-of-trials")
                                        .GET())
                        .text();
        assertThat(figures)
                .contains("sparegrid_market_record_on 1.0")
                .contains("sparegrid_market_record_gaps_total 0.0")
                .containsPattern("sparegrid_market_record_bytes_total [1-9]");
    }

    /// Replays until what was done is in the record, which takes a second.
    private String await(String expected) throws Exception {
        return Trial.await(
                () -> operator("market", "replay"), printed -> printed.contains(expected));
    }

    /// The exit code and what was printed.
    private String operator(String... words) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        PrintStream both = new PrintStream(bytes, true, StandardCharsets.UTF_8);
        PrintStream out = System.out;
        PrintStream err = System.err;
        System.setOut(both);
        System.setErr(both);
        try {
            List<String> all = new ArrayList<>(List.of(words));
            all.addAll(List.of("--home", folder.toString()));
            int code = CoordinatorCommand.run(all.toArray(String[]::new));
            return code + " " + bytes.toString(StandardCharsets.UTF_8);
        } finally {
            System.setOut(out);
            System.setErr(err);
        }
    }
}
