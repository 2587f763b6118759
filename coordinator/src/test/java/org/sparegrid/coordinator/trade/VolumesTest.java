// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.trade;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.sparegrid.coordinator.ledger.Book;
import org.sparegrid.coordinator.operation.Caller;
import org.sparegrid.coordinator.operation.RefusedException;
import org.sparegrid.coordinator.operation.RefusedException.Reason;
import org.sparegrid.coordinator.store.VolumeTable;
import org.sparegrid.coordinator.volume.KeptTime;
import org.sparegrid.protocol.AccountId;
import org.sparegrid.protocol.Credits;
import org.sparegrid.protocol.ImageId;
import org.sparegrid.protocol.LeaseId;
import org.sparegrid.protocol.VolumeId;
import org.sparegrid.protocol.api.OrderRequest;
import org.sparegrid.protocol.api.Volume;
import org.sparegrid.protocol.control.AgentMessage;
import org.sparegrid.protocol.control.CoordinatorMessage.DropVolume;
import org.sparegrid.protocol.control.CoordinatorMessage.KeepVolume;
import org.sparegrid.protocol.control.CoordinatorMessage.LeaseOffered;
import org.sparegrid.protocol.control.CoordinatorMessage.OpenVolume;
import org.sparegrid.protocol.control.CoordinatorMessage.StopLease;
import org.sparegrid.protocol.market.AskTraits;
import org.sparegrid.protocol.market.EndReason;
import org.sparegrid.protocol.market.LeaseProgress;
import org.sparegrid.protocol.market.Order;
import org.sparegrid.protocol.market.OrderSpec;
import org.sparegrid.protocol.market.Query;
import org.sparegrid.protocol.market.VolumeOffer;
import org.sparegrid.protocol.market.VolumeUse;
import org.sparegrid.protocol.market.WeekHours;

/// Volumes from their order to their end, with every billionth that moves.
///
/// Ten GiB at 7.2 for a GiB and month cost 0.1 an hour, and 16.8 in seven days.
class VolumesTest {
    private static final String KEY = FakeAgent.key(7);

    @TempDir private Path folder;
    private MarketFixture fixture;
    private AccountId buyer;
    private AccountId owner;
    private ImageId image;
    private FakeAgent agent;

    @BeforeEach
    void open() throws IOException {
        fixture = new MarketFixture(folder);
        buyer = fixture.register("buyer@example.org");
        fixture.give(buyer, "20");
        image = fixture.image(buyer, "bytes");
        owner = fixture.register("owner@example.org");
        agent = seller(1, "7.2", 15);
    }

    @AfterEach
    void close() {
        assertThat(fixture.faults()).isEmpty();
        fixture.close();
    }

    private FakeAgent seller(int number, String price, int gibibytes) {
        AskTraits traits =
                new AskTraits(
                        "",
                        "",
                        0,
                        0,
                        Credits.ZERO,
                        false,
                        "",
                        WeekHours.ALL,
                        new VolumeOffer(gibibytes, Credits.parse(price)));
        return new FakeAgent(fixture.enrol(owner, number), "0.1", 2, traits)
                .connect(fixture.market());
    }

    private Volume create(String name, int gibibytes, String priceMax) {
        return fixture.market()
                .deals()
                .volumes()
                .create(
                        buyer,
                        new Volume.Request(name, gibibytes, Credits.parse(priceMax), Query.ANY),
                        "");
    }

    /// A volume that its computer keeps.
    private VolumeId kept() {
        VolumeId id = create("data", 10, "8").id();
        agent.say(fixture.market(), new AgentMessage.VolumeKept(id));
        return id;
    }

    private Volume show(VolumeId id) {
        try {
            return fixture.market().deals().volumes().get(buyer, id, -1, Duration.ZERO);
        } catch (InterruptedException interrupted) {
            throw new AssertionError(interrupted);
        }
    }

    private Volume remove(VolumeId id) {
        return fixture.market().deals().volumes().remove(buyer, id);
    }

    private void passMinutes(int minutes) {
        for (int i = 0; i < minutes; i++) {
            fixture.pass(60_000);
            fixture.market().tick();
        }
    }

    private Order run(VolumeId id, String key) {
        return run(id, key, "job");
    }

    private Order run(VolumeId id, String key, String name) {
        OrderSpec spec = MarketFixture.request(name, image, 1, 3600).spec();
        OrderSpec asked =
                new OrderSpec(
                        spec.name(),
                        spec.image(),
                        1,
                        spec.size(),
                        spec.pricePerHourMax(),
                        spec.secondsMax(),
                        true,
                        List.of(),
                        spec.placement(),
                        spec.where(),
                        spec.checkpoints(),
                        new VolumeUse(id.value(), key),
                        0);
        return fixture.market()
                .order(new Caller.Person(buyer), new OrderRequest(asked, Credits.MAX, false), "");
    }

    private Credits wallet() {
        return fixture.balance(Book.wallet(buyer));
    }

    private Credits earned() {
        return fixture.balance(Book.earnings(owner));
    }

    /// Lets a volume have been kept for so long, all of it unpaid.
    private void wasKept(VolumeId id, Duration time) {
        fixture.decide(tx -> {
            VolumeTable.Row row = tx.volumes().find(id).orElseThrow();
            tx.volumes().update(row.with(new KeptTime(time.toMillis(), fixture.now())));
            return true;
        });
    }

    private static void refused(Reason reason, String text, ThrowingCallable call) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        RefusedException.class,
                        refusal -> assertThat(refusal.reason()).isEqualTo(reason))
                .hasMessageContaining(text);
    }

    /// Two hours of three, as the computer was away for one; of that two minutes are paid, and the
    /// minute in which it was there again.
    @Test
    void paysForTheTimeInWhichItWasKeptAndGivesBackTheRest() {
        Volume made = create("data", 10, "8");
        assertThat(made.state()).isEqualTo(Volume.State.MAKING);
        assertThat(agent.told(KeepVolume.class)).containsExactly(new KeepVolume(made.id(), 10));
        assertThat(wallet()).isEqualTo(Credits.parse("3.2"));
        passMinutes(5);
        agent.say(fixture.market(), new AgentMessage.VolumeKept(made.id()));
        assertThat(show(made.id()).keptSeconds()).as("nothing before it was made").isZero();

        passMinutes(60);
        assertThat(show(made.id()))
                .returns(Volume.State.EMPTY, Volume::state)
                .returns(3600L, Volume::keptSeconds)
                .returns(Credits.parse("0.1"), Volume::charged);
        assertThat(earned()).as("settled once an hour").isGreaterThan(Credits.parse("0.09"));
        agent.disconnect(fixture.market());
        passMinutes(60);
        assertThat(show(made.id()))
                .returns(3600L, Volume::keptSeconds)
                .returns(false, Volume::sellerHere);
        agent.connect(fixture.market(), List.of(made.id()));
        passMinutes(60);
        assertThat(show(made.id()).keptSeconds()).isEqualTo(3600 + 180 + 59 * 60);

        fixture.pass(30_000);
        assertThat(remove(made.id()).state()).isEqualTo(Volume.State.DELETING);
        Credits cost = VolumeOffer.cost(Credits.parse("7.2"), 10, 3600 + 180 + 59 * 60 + 30);
        assertThat(earned()).isEqualTo(cost);
        assertThat(wallet()).isEqualTo(Credits.parse("20").minus(cost));
        assertThat(agent.told(DropVolume.class)).hasSize(1);
        passMinutes(10);
        assertThat(earned()).as("nothing after its end").isEqualTo(cost);
        agent.say(fixture.market(), new AgentMessage.VolumeGone(made.id(), "removed"));
        assertThat(show(made.id()))
                .returns(Volume.State.ENDED, Volume::state)
                .returns("removed by its buyer", Volume::detail)
                .returns(cost, Volume::charged)
                .returns(Credits.ZERO, Volume::held);
    }

    @Test
    void holdsMoreWhileTheWalletHasItAndEndsWhenAllIsUsedUp() {
        VolumeId id = kept();
        wasKept(id, Duration.ofDays(1));
        passMinutes(1);
        // A day and a minute were used, so that as much was held again.
        Credits more = VolumeOffer.cost(Credits.parse("7.2"), 10, 86_460);
        assertThat(wallet()).isEqualTo(Credits.parse("3.2").minus(more));
        assertThat(show(id).held()).isEqualTo(Credits.parse("16.8").plus(more));

        wasKept(id, Duration.ofDays(8).minusHours(1));
        passMinutes(1);
        assertThat(wallet()).as("the wallet has too little").isGreaterThan(Credits.ZERO);
        assertThat(show(id).heldUntil()).isBefore(fixture.now().plus(Duration.ofHours(2)));
        passMinutes(50);
        assertThat(show(id).state()).isEqualTo(Volume.State.EMPTY);
        Credits before = wallet();
        passMinutes(15);
        assertThat(show(id))
                .returns(Volume.State.DELETING, Volume::state)
                .returns("the money for the volume is used up", Volume::detail)
                .returns(Credits.ZERO, Volume::held);
        assertThat(agent.told(DropVolume.class)).isNotEmpty();
        assertThat(earned().plus(wallet())).isEqualTo(Credits.parse("20"));
        // Less than a second's price may be left.
        assertThat(wallet().minus(before)).isLessThan(Credits.parse("0.00003"));
    }

    @Test
    void stopsTheMachineBeforeItDeletesWhatNobodyPaysFor() {
        VolumeId id = kept();
        LeaseId lease = run(id, KEY).leases().getFirst().id();
        agent.run(fixture.market(), lease, 1);
        fixture.decide(tx -> {
            VolumeTable.Row row = tx.volumes().find(id).orElseThrow();
            long most = VolumeKeeping.secondsMax(tx, row);
            tx.volumes().update(row.with(new KeptTime(most * 1000, fixture.now())));
            return true;
        });
        drain();
        passMinutes(1);
        assertThat(agent.told(StopLease.class))
                .containsExactly(new StopLease(lease, "the money for the volume is used up"));
        assertThat(agent.told(DropVolume.class)).isEmpty();
        agent.end(fixture.market(), lease, EndReason.BUDGET, 1000);
        passMinutes(1);
        assertThat(agent.told(DropVolume.class)).hasSize(1);
    }

    /// Gives all that the buyer has to somebody else.
    private void drain() {
        AccountId other = fixture.register("friend@example.org");
        Credits all = wallet();
        fixture.market()
                .deals()
                .give(
                        new Caller.Person(buyer),
                        new org.sparegrid.protocol.api.Gift(other, all),
                        "drain-key");
    }

    @Test
    void takesTheCheapestComputerWithRoomAndSaysWhyThereIsNone() {
        FakeAgent cheap = seller(2, "1", 5);
        seller(3, "0.1", 0);
        refused(
                Reason.NO_MATCH,
                "none has room for 16 GiB; the most is 15 GiB",
                () -> create("big", 16, "8"));
        refused(
                Reason.NO_MATCH,
                "the cheapest asks 7.2 for a GiB and month",
                () -> create("dear", 6, "7"));
        Volume made = create("small", 5, "8");
        assertThat(cheap.told(KeepVolume.class)).containsExactly(new KeepVolume(made.id(), 5));
        assertThat(made.pricePerMonth()).isEqualTo(Credits.parse("1"));
        refused(Reason.CONFLICT, "there is a volume small already", () -> create("small", 1, "8"));
        assertThat(create("next", 1, "8").seller())
                .as("the cheap one is full")
                .isNotEqualTo(made.seller());
        refused(Reason.FUNDS, "is to be held for the first 7 days", () -> create("more", 14, "8"));
    }

    @Test
    void answersARepeatedRequestWithTheSameVolume() {
        Volume.Request request = new Volume.Request("data", 1, Credits.parse("8"), Query.ANY);
        Volume one = fixture.market().deals().volumes().create(buyer, request, "key-key-1");
        Volume two = fixture.market().deals().volumes().create(buyer, request, "key-key-1");
        assertThat(two.id()).isEqualTo(one.id());
        assertThat(agent.told(KeepVolume.class)).hasSize(1);
    }

    @Test
    void givesTheKeyToTheAgentUntilTheMachineRunsAndThenForgetsIt() throws IOException {
        VolumeId id = kept();
        Order order = run(id, KEY);
        LeaseId lease = order.leases().getFirst().id();
        assertThat(order.spec().volume()).isEqualTo(new VolumeUse(id.value(), ""));
        assertThat(agent.told(LeaseOffered.class).getFirst().volumes()).containsExactly(id);
        agent.accept(fixture.market(), lease, 1);
        OpenVolume open = new OpenVolume(lease, id, KEY);
        assertThat(agent.told(OpenVolume.class)).contains(open);

        agent.forget();
        fixture.restart();
        agent.connect(
                fixture.market(),
                List.of(id),
                FakeAgent.report(lease, LeaseProgress.Phase.MATCHED, 1, 0));
        assertThat(agent.told(OpenVolume.class)).contains(open);

        agent.progress(fixture.market(), lease, LeaseProgress.Phase.BOOTING);
        agent.progress(fixture.market(), lease, LeaseProgress.Phase.ON_NETWORK);
        assertThat(show(id))
                .returns(Volume.State.IN_USE, Volume::state)
                .returns(lease.value(), Volume::lease);
        fixture.decide(tx -> {
            assertThat(tx.orders().find(order.id()).orElseThrow().spec().volume().key()).isEmpty();
            return true;
        });
        refused(Reason.CONFLICT, "in use by machine " + lease, () -> run(id, KEY, "other"));
        refused(Reason.CONFLICT, "in use by machine " + lease, () -> remove(id));
        agent.end(fixture.market(), lease, EndReason.POWERED_OFF, 1000);
        assertThat(show(id)).returns(Volume.State.KEPT, Volume::state).returns("", Volume::lease);
    }

    @Test
    void runsOnlyWhereItsVolumeLies() {
        VolumeId id = kept();
        FakeAgent cheap =
                new FakeAgent(fixture.enrol(owner, 2), "0.01", 9).connect(fixture.market());
        LeaseId lease = run(id, KEY).leases().getFirst().id();
        assertThat(cheap.told(LeaseOffered.class)).isEmpty();
        agent.say(fixture.market(), new AgentMessage.LeaseRejected(lease, "no"));
        assertThat(cheap.told(LeaseOffered.class)).as("no other takes its place").isEmpty();
        assertThat(show(id).state()).isEqualTo(Volume.State.EMPTY);
        fixture.decide(tx -> {
            LeaseId ended = lease;
            var order = tx.leases().find(ended).orElseThrow().order();
            assertThat(tx.orders().find(order).orElseThrow().spec().volume().key()).isEmpty();
            return true;
        });

        agent.disconnect(fixture.market());
        refused(
                Reason.NO_MATCH,
                "the computer on which the volume lies offers no such machine now",
                () -> run(id, KEY, "away"));
        agent.connect(fixture.market(), List.of(id));
        refused(Reason.INVALID, "needs the volume's key", () -> run(id, "", "keyless"));
        run(id, KEY, "again");
        assertThat(agent.told(LeaseOffered.class)).hasSize(2);
    }

    @Test
    void isNobodyElses() {
        VolumeId id = kept();
        AccountId mallory = fixture.register("mallory@example.org");
        refused(
                Reason.NOT_FOUND,
                "volume " + id,
                () -> fixture.market().deals().volumes().remove(mallory, id));
        assertThat(fixture.market().deals().volumes().list(mallory).volumes()).isEmpty();
        FakeAgent other = seller(2, "1", 0);
        other.say(fixture.market(), new AgentMessage.VolumeGone(id, "mine"));
        assertThat(show(id).state()).as("another's word").isEqualTo(Volume.State.EMPTY);
    }

    @Test
    void isLostUnpaidWhenItsComputerDoesNotFindItAndComesBack() {
        VolumeId id = kept();
        passMinutes(10);
        agent.disconnect(fixture.market());
        agent.connect(fixture.market());
        assertThat(show(id).state()).isEqualTo(Volume.State.LOST);
        refused(Reason.CONFLICT, "does not find it", () -> run(id, KEY));
        passMinutes(10);
        agent.disconnect(fixture.market());
        agent.connect(fixture.market(), List.of(id));
        assertThat(show(id))
                .returns(Volume.State.EMPTY, Volume::state)
                .returns(600L, Volume::keptSeconds);
        passMinutes(1);
        assertThat(show(id).keptSeconds()).isEqualTo(660);
    }

    @Test
    void endsWhenItsOwnerRemovesItAndTellsTheBuyerWhy() {
        VolumeId id = kept();
        passMinutes(1);
        agent.say(fixture.market(), new AgentMessage.VolumeGone(id, "its owner needs the disk"));
        assertThat(show(id))
                .returns(Volume.State.ENDED, Volume::state)
                .returns("its owner needs the disk", Volume::detail);
        Credits cost = VolumeOffer.cost(Credits.parse("7.2"), 10, 60);
        assertThat(wallet()).isEqualTo(Credits.parse("20").minus(cost));
        assertThat(fixture.market().deals().volumes().list(buyer).volumes()).hasSize(1);
        fixture.pass(Duration.ofDays(8).toMillis());
        assertThat(fixture.market().deals().volumes().list(buyer).volumes()).isEmpty();
    }

    /// The database may be older than the volume, restored from a copy.
    @Test
    void hasRemovedWhatEndedWhileTheComputerWasAwayButNothingThatItNeverKnew() {
        VolumeId id = kept();
        agent.disconnect(fixture.market());
        remove(id);
        assertThat(wallet()).isEqualTo(Credits.parse("20"));
        VolumeId unknown = new VolumeId("vol-abcdefghijkl");
        agent.connect(fixture.market(), List.of(id, unknown));
        assertThat(agent.told(DropVolume.class)).extracting(DropVolume::volume).containsOnly(id);
        agent.say(fixture.market(), new AgentMessage.VolumeGone(id, "removed"));
        agent.forget();
        agent.connect(fixture.market(), List.of(id, unknown));
        assertThat(agent.told(DropVolume.class)).extracting(DropVolume::volume).containsOnly(id);
    }

    @Test
    void asksForRoomAgainAfterEitherSideDiedAndGivesUpInTheEnd() throws IOException {
        VolumeId id = create("data", 10, "8").id();
        agent.forget();
        fixture.restart();
        agent.connect(fixture.market());
        assertThat(agent.told(KeepVolume.class)).contains(new KeepVolume(id, 10));
        passMinutes(10);
        assertThat(show(id).state()).isEqualTo(Volume.State.DELETING);
        assertThat(wallet()).isEqualTo(Credits.parse("20"));
        agent.say(fixture.market(), new AgentMessage.VolumeKept(id));
        assertThat(agent.told(DropVolume.class)).isNotEmpty();
    }
}
