// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet.path;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.sparegrid.virtualethernet.probe.Probe;

class PathFinderTest {
    private static final long MILLI = 1_000_000L;
    private static final InetSocketAddress NAMED = at(1000);
    private static final InetSocketAddress ANSWERING = at(2000);

    private final List<Sent> sent = new ArrayList<>();
    private final PathFinder finder =
            new PathFinder(
                    new Outlet(),
                    new OwnAddresses(),
                    _ -> false,
                    PathTimers.STANDARD,
                    new BurstTurn(),
                    new MtuPace(),
                    new SplittableRandom(1));

    private record Sent(Probe probe, InetSocketAddress to) {}

    private final class Outlet implements ProbeOutlet {
        @Override
        public void send(Probe probe, InetSocketAddress to) {
            sent.add(new Sent(probe, to));
        }

        @Override
        public void open(Probe probe, InetSocketAddress to) {}

        @Override
        public Optional<Fan> fan(Probe probe, List<InetSocketAddress> to, int ports) {
            return Optional.empty();
        }
    }

    private static InetSocketAddress at(int port) {
        return new InetSocketAddress(InetAddress.ofLiteral("203.0.113.5"), port);
    }

    /// A port that the peer's NAT has opened for somebody else lets us in as well, but what the
    /// peer answers leaves through another one, so that nothing keeps the first.
    @Test
    void leavesAnAddressForTheOneFromWhichItsAnswersCome() {
        beginAt(NAMED);
        answer(NAMED, ANSWERING, 10);
        assertThat(finder.inUse()).as("there is no other yet").contains(NAMED);
        answer(ANSWERING, ANSWERING, 40);
        assertThat(finder.inUse()).contains(ANSWERING);
        for (int millis = 50; millis < 20_000; millis += 50) {
            run(millis);
            answer(NAMED, ANSWERING, millis + 1);
            answer(ANSWERING, ANSWERING, millis + 40);
            assertThat(finder.inUse()).as("though the other is faster").contains(ANSWERING);
        }
    }

    @Test
    void staysWithTheOnlyAddressThatIsAnswered() {
        beginAt(NAMED);
        answer(NAMED, ANSWERING, 10);
        for (int millis = 50; millis < 20_000; millis += 50) {
            run(millis);
            answer(NAMED, ANSWERING, millis);
            assertThat(finder.inUse()).contains(NAMED);
        }
        assertThat(sent)
                .as("pings to where answers come from, at most two a second")
                .filteredOn(each -> each.to().equals(ANSWERING))
                .hasSizeBetween(1, 40);
    }

    private void beginAt(InetSocketAddress address) {
        finder.offer(List.of(address));
        assertThat(finder.dataTarget()).isNotNull();
        run(0);
    }

    private void run(long millis) {
        assertThat(finder.dataTarget()).isNotNull();
        finder.wake(millis * MILLI);
        finder.tick(millis * MILLI);
    }

    /// Answers all pings to an address.
    private void answer(InetSocketAddress asked, InetSocketAddress from, long millis) {
        for (Sent each : List.copyOf(sent)) {
            if (each.to().equals(asked) && each.probe() instanceof Probe.Ping ping) {
                sent.remove(each);
                finder.receive(
                        new Probe.Pong(ping.transaction(), Optional.empty()), from, millis * MILLI);
            }
        }
    }
}
