// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet.path;

import java.net.Inet6Address;
import java.net.InetSocketAddress;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.sparegrid.virtualethernet.probe.Probe;
import org.sparegrid.virtualethernet.probe.ProbeSeal;
import org.sparegrid.virtualethernet.relay.RelayAddress;
import org.sparegrid.virtualethernet.relay.RelayMessage;

/// Finds the longest datagram that the path in use carries whole, by padded pings, and goes on to
/// look whether it still does. Only answers count, never what routers say.
///
/// A pure state machine for one thread. Lengths are bytes of UDP payload.
///
/// Source: docs/protocol/path-probe.md, section 3.2; after RFC 8899.
final class MtuSearch {
    /// Packets of links that there are, longest first, down to what a network map may ask for: DSL,
    /// tunnels in it, mobile networks, the least of IPv6, satellites.
    private static final int[] PACKETS = {
        1500, 1492, 1480, 1460, 1440, 1420, 1400, 1380, 1340, 1300, 1280, 1200, 1124, 1000, 800, 700
    };

    private static final int HEADERS_IPV4 = 28;
    private static final int HEADERS_IPV6 = 48;

    /// Before a packet for a relay, whose own address is taken for one of IPv4: where it is not,
    /// the links of IPv6 come out as those that are 20 bytes shorter, most of which are here as
    /// well.
    private static final int HEADERS_RELAYED = HEADERS_IPV4 + RelayMessage.HEADER_LENGTH;

    /// How close to get: what is left unused is 2 % of a packet.
    private static final int PRECISION = 20;

    /// Lengths between two known ones that are tried at once.
    private static final int PARTS = 4;

    /// Pings until one length counts as too long, and until each of many does.
    private static final int TRIES = 3;

    private static final int TRIES_EACH = 2;

    /// How long to wait for answers before the next try; later ones count as well.
    private static final long WAIT_NANOS = 400_000_000L;

    /// How often something longer is tried.
    private static final long RAISE_NANOS = 600_000_000_000L;

    /// How long to rest when not even the shortest was answered: then it is not the length.
    private static final long REST_NANOS = 60_000_000_000L;

    private enum Stage {
        /// All that there is to send is tried.
        WHOLE,
        /// What was found is tried again.
        CONFIRM,
        /// Several lengths are tried.
        BETWEEN,
        /// Nothing is tried until it is due.
        REST
    }

    private final MtuPace pace;
    private @Nullable InetSocketAddress address;
    private boolean paused = true;
    private Stage stage = Stage.REST;
    private int wanted;
    private int found;
    private boolean lost;
    private int low;
    private int high;
    private List<Integer> lengths = List.of();
    private int tries;
    private int position;
    private long dueNanos;
    private long raiseNanos;

    /// @param pace how often to confirm what was found
    MtuSearch(MtuPace pace) {
        this.pace = pace;
    }

    /// The longest datagram that there is to send; 0 if it is not to be known.
    void want(int lengthBytes) {
        if (wanted != lengthBytes) {
            wanted = lengthBytes;
            found = 0;
            address = null;
        }
    }

    /// The address in use now, if there is one.
    void follow(@Nullable InetSocketAddress used, long nowNanos) {
        paused = used == null || wanted == 0;
        if (!paused && used != null && !used.equals(address)) {
            address = used;
            found = 0;
            lost = false;
            tryWhole(nowNanos);
        }
    }

    /// The longest datagram that the path to this address carries; 0 while that is not known.
    int found(@Nullable InetSocketAddress used) {
        return used != null && used.equals(address) ? found : 0;
    }

    /// Sends the pings that are due, of which there may be too many for this moment.
    void tick(Pings pings, ProbeOutlet outlet, long nowNanos) {
        InetSocketAddress to = address;
        OptionalInt length = next(nowNanos);
        while (to != null && length.isPresent()) {
            OptionalLong transaction = pings.beginLong(to, length.getAsInt(), nowNanos);
            if (transaction.isEmpty()) {
                return;
            }
            int textBytes = length.getAsInt() - ProbeSeal.OVERHEAD_BYTES;
            outlet.send(new Probe.Ping(transaction.getAsLong(), textBytes), to);
            position++;
            dueNanos = nowNanos + WAIT_NANOS;
            length = next(nowNanos);
        }
    }

    /// The length of the ping to send now, if one is due.
    private OptionalInt next(long nowNanos) {
        if (paused) {
            return OptionalInt.empty();
        }
        skipAnswered();
        if (position == lengths.size() && (nowNanos >= dueNanos || isAnswered())) {
            advance(nowNanos);
            skipAnswered();
        }
        return position < lengths.size()
                ? OptionalInt.of(lengths.get(position))
                : OptionalInt.empty();
    }

    /// A ping of so many bytes to this address was answered.
    void answered(InetSocketAddress asked, int lengthBytes) {
        if (asked.equals(address) && lengthBytes <= wanted) {
            low = Math.max(low, lengthBytes);
            found = lost ? low : Math.max(found, low);
        }
    }

    /// What is as short as something that came through needs no ping.
    private void skipAnswered() {
        while (position < lengths.size() && lengths.get(position) <= low) {
            position++;
        }
    }

    private boolean isAnswered() {
        return stage != Stage.REST && lengths.getFirst() <= low;
    }

    /// The pings have left and had time to be answered.
    private void advance(long nowNanos) {
        boolean answered = isAnswered();
        tries++;
        switch (stage) {
            case REST -> wake(nowNanos);
            case WHOLE, CONFIRM -> {
                if (answered) {
                    rest(nowNanos);
                } else if (tries < TRIES) {
                    position = 0;
                } else {
                    high = lengths.getFirst();
                    lost = stage == Stage.CONFIRM;
                    low = lost ? 0 : found;
                    between(usual(), nowNanos);
                }
            }
            case BETWEEN -> {
                if (!answered && tries < TRIES_EACH) {
                    position = 0;
                    return;
                }
                high =
                        lengths.stream()
                                .filter(each -> each > low)
                                .mapToInt(each -> each)
                                .min()
                                .orElse(high);
                between(low == 0 || high - low <= PRECISION ? List.of() : parts(), nowNanos);
            }
        }
    }

    private void wake(long nowNanos) {
        if (found == 0 || (found < wanted && nowNanos >= raiseNanos)) {
            tryWhole(nowNanos);
        } else {
            low = 0;
            ask(Stage.CONFIRM, List.of(found), nowNanos);
        }
    }

    private void tryWhole(long nowNanos) {
        raiseNanos = nowNanos + RAISE_NANOS;
        low = 0;
        ask(Stage.WHOLE, List.of(wanted), nowNanos);
    }

    private void between(List<Integer> next, long nowNanos) {
        if (next.isEmpty()) {
            rest(nowNanos);
        } else {
            ask(Stage.BETWEEN, next, nowNanos);
        }
    }

    private void rest(long nowNanos) {
        found = lost ? low : found;
        lost = false;
        long pauseNanos = found == 0 ? REST_NANOS : pace.nanos(isRelayed());
        ask(Stage.REST, List.of(), nowNanos + pauseNanos);
    }

    private void ask(Stage next, List<Integer> asked, long dueAtNanos) {
        stage = next;
        lengths = asked;
        tries = 0;
        position = 0;
        dueNanos = dueAtNanos;
    }

    /// Lengths for usual links between what comes through and what does not, longest first.
    private List<Integer> usual() {
        int headers = headers();
        return Arrays.stream(PACKETS)
                .map(packet -> packet - headers)
                .filter(length -> length > low && length < high)
                .boxed()
                .toList();
    }

    private boolean isRelayed() {
        return address != null && RelayAddress.is(address);
    }

    private int headers() {
        if (isRelayed()) {
            return HEADERS_RELAYED;
        }
        boolean version6 =
                address != null
                        && !PunchedAddress.is(address)
                        && address.getAddress() instanceof Inet6Address;
        return version6 ? HEADERS_IPV6 : HEADERS_IPV4;
    }

    /// Lengths that divide what is between them evenly, longest first.
    private List<Integer> parts() {
        return IntStream.iterate(PARTS, part -> part > 0, part -> part - 1)
                .map(part -> low + (high - low) * part / (PARTS + 1))
                .boxed()
                .toList();
    }
}
