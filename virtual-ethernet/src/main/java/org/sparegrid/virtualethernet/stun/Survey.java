// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet.stun;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Optional;
import org.sparegrid.virtualethernet.check.NetworkReport;
import org.sparegrid.virtualethernet.network.Endpoints;

/// Finds out what lies between one UDP port and the world, with the help of a relay that answers
/// STUN on two ports of one address.
///
/// The order matters: whatever leaves for the relay opens a way back, so that the questions whether
/// strangers come in are put first.
///
/// Source: RFC 5780, section 4; docs/protocol/path-probe.md, section 4.
public final class Survey {
    /// Sizes of IP packets that paths of this world have, largest first: Ethernet, PPPoE, tunnels,
    /// IPv6 at least, and mobile networks at their worst.
    static final List<Integer> PATH_MTUS =
            List.of(
                    1500, 1492, 1480, 1472, 1460, 1440, 1420, 1400, 1380, 1360, 1320, 1280, 1200,
                    1124, 1000, 576);

    /// Makes the question longer than its answer, as the relay demands.
    static final int PADDING = 40;

    /// Bytes of a question that has a wish without padding.
    private static final int QUESTION_BYTES = StunMessage.HEADER_LENGTH + 8 + 4;

    private static final int UDP_BYTES = 8;
    private static final int IPV4_BYTES = 20;
    private static final int IPV6_BYTES = 40;

    private static final StunMessage.Wish PLAINLY = new StunMessage.Wish(false, 0, PADDING);

    /// Performs what the survey decides; each call waits for the answer as long as is worth it.
    public interface Line {
        /// The port under check.
        int port();

        /// Whether an address is one of this computer.
        boolean isOwn(InetAddress address);

        /// Asks from the port under check.
        Optional<Answer> ask(StunMessage.Wish wish, InetSocketAddress to)
                throws InterruptedException;

        /// Asks from another port; the answer is to come to the port under check.
        Optional<Answer> knock(StunMessage.Wish wish, InetSocketAddress to)
                throws InterruptedException;

        /// Whether a packet from another port of this computer to `own` comes to the port.
        boolean returns(InetSocketAddress own) throws InterruptedException;

        /// Whether a question is answered that no router may divide.
        boolean fits(StunMessage.Wish wish, InetSocketAddress to) throws InterruptedException;
    }

    /// An answer and how long it took.
    public record Answer(StunMessage.Success success, long tookNanos) {}

    private final Line line;
    private final InetSocketAddress server;

    /// @param server the relay
    public Survey(Line line, InetSocketAddress server) {
        this.line = line;
        this.server = server;
    }

    /// Performs it, which takes a few seconds.
    public NetworkReport run() throws InterruptedException {
        boolean open =
                line.knock(new StunMessage.Wish(true, line.port(), PADDING), server).isPresent();
        Answer first = line.ask(PLAINLY, server).orElse(null);
        if (first == null) {
            return blocked();
        }
        InetSocketAddress seen = first.success().seen();
        Optional<InetSocketAddress> other = first.success().other().map(this::atServer);
        NetworkReport.Filtering filtering =
                other.isEmpty() ? NetworkReport.Filtering.UNKNOWN : filtering(open);
        NetworkReport.Mapping mapping = mapping(seen, other);
        boolean hairpin = mapping != NetworkReport.Mapping.NONE && line.returns(seen);
        return new NetworkReport(
                line.port(),
                Endpoints.text(server),
                true,
                first.tookNanos() / 1_000,
                Endpoints.text(seen),
                mapping,
                filtering,
                open,
                hairpin,
                pathMtu());
    }

    private NetworkReport blocked() {
        return new NetworkReport(
                line.port(),
                Endpoints.text(server),
                false,
                -1,
                "",
                NetworkReport.Mapping.UNKNOWN,
                NetworkReport.Filtering.UNKNOWN,
                false,
                false,
                0);
    }

    /// A server that does not know its own public address names none.
    private InetSocketAddress atServer(InetSocketAddress other) {
        return new InetSocketAddress(server.getAddress(), other.getPort());
    }

    private NetworkReport.Filtering filtering(boolean open) throws InterruptedException {
        return open || line.ask(new StunMessage.Wish(true, 0, PADDING), server).isPresent()
                ? NetworkReport.Filtering.OPEN
                : NetworkReport.Filtering.BY_PORT;
    }

    private NetworkReport.Mapping mapping(InetSocketAddress seen, Optional<InetSocketAddress> other)
            throws InterruptedException {
        if (line.isOwn(seen.getAddress()) && seen.getPort() == line.port()) {
            return NetworkReport.Mapping.NONE;
        }
        Optional<Answer> second =
                other.isEmpty() ? Optional.empty() : line.ask(PLAINLY, other.get());
        if (second.isEmpty()) {
            return NetworkReport.Mapping.UNKNOWN;
        }
        return second.get().success().seen().equals(seen)
                ? NetworkReport.Mapping.SAME
                : NetworkReport.Mapping.VARIES;
    }

    /// Halves the sizes that are left until one remains.
    private int pathMtu() throws InterruptedException {
        int headers =
                UDP_BYTES + (server.getAddress() instanceof Inet6Address ? IPV6_BYTES : IPV4_BYTES);
        int low = 0;
        int high = PATH_MTUS.size();
        while (low < high) {
            int middle = low == 0 && high == PATH_MTUS.size() ? 0 : (low + high) / 2;
            int padding = PATH_MTUS.get(middle) - headers - QUESTION_BYTES;
            if (line.fits(new StunMessage.Wish(false, 0, padding), server)) {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        return low == PATH_MTUS.size() ? 0 : PATH_MTUS.get(low);
    }
}
