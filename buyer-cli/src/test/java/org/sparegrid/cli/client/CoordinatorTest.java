// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.cli.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.sparegrid.cli.context.Settings;
import org.sparegrid.cli.fake.FakeCoordinator;
import org.sparegrid.cli.fake.FakeCoordinator.Reply;
import org.sparegrid.protocol.Credits;
import org.sparegrid.protocol.DepositId;
import org.sparegrid.protocol.api.Deposit;
import org.sparegrid.protocol.api.DepositRequest;
import org.sparegrid.protocol.api.Registration;
import org.sparegrid.protocol.api.Wallet;
import org.sparegrid.protocol.market.Query;
import org.sparegrid.protocol.market.Ranking;

class CoordinatorTest {
    private static final Wallet WALLET =
            new Wallet(Credits.parse("12.5"), Credits.ZERO, Credits.ZERO);

    private static FakeCoordinator fake;
    private final List<Duration> pauses = new ArrayList<>();

    @BeforeAll
    static void open() throws Exception {
        fake = FakeCoordinator.open();
    }

    @AfterAll
    static void close() {
        fake.close();
    }

    private Coordinator coordinator(Settings settings) {
        return Coordinator.at(settings, Optional.of("secret"), pauses::add);
    }

    @Test
    void sendsTheTokenAndReadsTheAnswer() throws Exception {
        fake.on("GET /v1/wallet", WALLET);
        assertThat(coordinator(fake.settings()).wallet()).isEqualTo(WALLET);
        assertThat(fake.requests().getLast().authorization()).isEqualTo("Bearer secret");
    }

    @Test
    void trustsNoOtherAuthority() {
        Settings wrong = new Settings(fake.settings().coordinator(), "0".repeat(64), "a@b");
        assertThatThrownBy(() -> coordinator(wrong).wallet())
                .isInstanceOf(UnreachableException.class)
                .hasMessageContaining("can't be trusted")
                .hasMessageContaining("is not the coordinator that was pinned");
        assertThat(pauses).isEmpty();
    }

    @Test
    void repeatsWhatFailedInPassing() throws Exception {
        AtomicInteger tries = new AtomicInteger();
        fake.on(
                "GET /v1/wallet",
                _ ->
                        tries.incrementAndGet() < 3
                                ? new Reply(503, new byte[0])
                                : Reply.of(200, WALLET));
        assertThat(coordinator(fake.settings()).wallet()).isEqualTo(WALLET);
        assertThat(tries).hasValue(3);
        assertThat(pauses).containsExactly(Duration.ofMillis(200), Duration.ofMillis(400));
    }

    @Test
    void waitsAsLongAsItIsAskedTo() throws Exception {
        AtomicInteger tries = new AtomicInteger();
        Deque<Integer> seconds = new ArrayDeque<>(List.of(7, 86_400));
        fake.on(
                "POST /v1/accounts",
                _ -> {
                    tries.incrementAndGet();
                    return seconds.isEmpty()
                            ? Reply.refused(409, "conflict", "there is one already")
                            : Reply.tooMany(seconds.remove());
                });
        assertThatThrownBy(() ->
                        coordinator(fake.settings())
                                .register(new Registration("a@b", "a long password")))
                .hasMessage("there is one already");
        assertThat(tries).hasValue(3);
        assertThat(pauses).containsExactly(Duration.ofSeconds(7), Duration.ofSeconds(30));
    }

    @Test
    void givesUpAfterWaitingFiveTimes() {
        fake.on("GET /v1/keys", _ -> Reply.tooMany(1));
        assertThatThrownBy(() -> coordinator(fake.settings()).keys())
                .isInstanceOf(RefusedException.class)
                .hasMessage("too many requests; try again in 1 s");
        assertThat(pauses).hasSize(4);
    }

    @Test
    void repeatsACutDepositUnderTheSameKey() throws Exception {
        AtomicInteger tries = new AtomicInteger();
        Deposit deposit =
                new Deposit(
                        new DepositId("dep-aaaaaaaaaaaa"),
                        "test",
                        Deposit.State.POSTED,
                        Credits.parse("20"),
                        Credits.parse("0.6"),
                        Credits.parse("19.4"),
                        "",
                        Instant.EPOCH);
        fake.on(
                "POST /v1/wallet/deposits",
                _ ->
                        tries.incrementAndGet() < 2
                                ? new Reply(0, new byte[0])
                                : Reply.of(201, deposit));
        Deposit made =
                coordinator(fake.settings())
                        .deposit(new DepositRequest(Credits.parse("20"), "test"), "key-1");
        assertThat(made).isEqualTo(deposit);
        assertThat(fake.requests().stream().filter(r -> r.key().equals("key-1")).count())
                .isGreaterThanOrEqualTo(2);
    }

    @Test
    void neverRegistersTwice() {
        fake.on("POST /v1/accounts", _ -> new Reply(503, new byte[0]));
        long before = fake.count("POST /v1/accounts");
        assertThatThrownBy(() ->
                        coordinator(fake.settings())
                                .register(new Registration("a@b", "a long password")))
                .isInstanceOf(RefusedException.class);
        assertThat(fake.count("POST /v1/accounts")).isEqualTo(before + 1);
    }

    @Test
    void passesOnWhyItWasRefused() {
        fake.on(
                "GET /v1/orders",
                _ -> Reply.refused(401, "unauthenticated", "the token has expired"));
        assertThatThrownBy(() -> coordinator(fake.settings()).orders())
                .isInstanceOfSatisfying(
                        RefusedException.class,
                        refused -> {
                            assertThat(refused.name()).isEqualTo("unauthenticated");
                            assertThat(refused).hasMessage("the token has expired");
                        });
    }

    @Test
    void saysWhichAddressCannotBeReached() {
        Settings nobody = new Settings("https://127.0.0.1:1", fake.settings().authority(), "a@b");
        assertThatThrownBy(() -> coordinator(nobody).wallet())
                .isInstanceOf(UnreachableException.class)
                .hasMessageContaining("can't reach the coordinator at https://127.0.0.1:1");
        assertThat(pauses).hasSize(4);
    }

    @Test
    void refusesAnAnswerOfAnotherForm() {
        fake.on("GET /v1/offers", WALLET);
        assertThatThrownBy(() -> coordinator(fake.settings()).offers(Query.ANY, Ranking.BY_PRICE))
                .hasMessageContaining("can't be read");
    }
}
