// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet.check;

/// What a survey found out about the way from one UDP port to the world.
///
/// @param port the UDP port under check
/// @param server the relay that was asked, `address:port`
/// @param udp whether UDP packets reach the relay and come back
/// @param roundTripMicros how long that took; negative if they don't
/// @param seen the address and port by which the relay sees ours; empty without UDP
/// @param mapping what the NATs on the way do to what we send
/// @param filtering whose packets they let in
/// @param open whether a packet came in though nothing had left for its sender
/// @param hairpin whether we reach ourselves by the address that others see
/// @param pathMtu the largest IP packet that reaches the relay whole; 0 if not even 576 bytes do
public record NetworkReport(
        int port,
        String server,
        boolean udp,
        long roundTripMicros,
        String seen,
        Mapping mapping,
        Filtering filtering,
        boolean open,
        boolean hairpin,
        int pathMtu) {
    /// The smallest path over which nothing need be divided: the outer packet of a full frame.
    public static final int PATH_MTU_WANTED = 1_480;

    /// How a NAT changes the port of what we send.
    public enum Mapping {
        /// There is no NAT: others see our own address.
        NONE("no NAT"),
        /// All others see the same port.
        SAME("one port for all peers"),
        /// Each other sees another port, so that none can tell the next one.
        VARIES("another port for each peer (symmetric)"),
        /// The relay did not help to find out.
        UNKNOWN("not known");

        private final String words;

        Mapping(String words) {
            this.words = words;
        }

        /// For people.
        public String words() {
            return words;
        }
    }

    /// Who may answer through a NAT or firewall.
    public enum Filtering {
        /// Anyone, or any port of an address to which we sent.
        OPEN("lets other ports answer"),
        /// Only the very port to which we sent.
        BY_PORT("lets only the port answer that was asked"),
        /// The relay did not help to find out.
        UNKNOWN("not known");

        private final String words;

        Filtering(String words) {
            this.words = words;
        }

        /// For people.
        public String words() {
            return words;
        }
    }

    /// The one change that would help most; empty if none is worth making.
    public String fix() {
        if (!udp) {
            return "let UDP out to "
                    + server
                    + " in the firewall of this network: without it all traffic goes through the"
                    + " relay over TLS, which is slower";
        }
        if (pathMtu < PATH_MTU_WANTED) {
            return "raise the MTU of the router or VPN on the way to 1500: packets of more than "
                    + pathMtu
                    + " bytes are lost or divided";
        }
        if (!open && mapping == Mapping.VARIES) {
            return "forward UDP port "
                    + port
                    + " on the router to this computer (a seller's agent asks the router for it with"
                    + " router-port = true): its NAT gives each peer another port, so"
                    + " that many peers are reached only through the relay";
        }
        return "";
    }
}
