// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.protocol.market;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/// What can be known of an ask and asked for by an order. The order of the list is stable.
///
/// Numbers are whole base units everywhere in the market; people see them divided by a power of
/// ten: 12,500 of `UP` is shown as 12.5 Mbit/s.
public enum Attribute {
    /// The price of an hour of one slot.
    PRICE("price", "credits/h", Kind.NUMBER, Better.LESS, 9),
    /// Virtual processors of a slot.
    CORES("cpu", "", Kind.NUMBER, Better.MORE, 0),
    /// Measured speed of one core, in reference cores.
    SCORE("score", "reference cores", Kind.NUMBER, Better.MORE, 3),
    /// Memory of a slot.
    MEMORY("memory", "MiB", Kind.NUMBER, Better.MORE, 0),
    /// Scratch disk of a slot.
    DISK("disk", "MiB", Kind.NUMBER, Better.MORE, 0),
    /// What the machine can send.
    UP("up", "Mbit/s", Kind.NUMBER, Better.MORE, 3),
    /// What the machine can receive.
    DOWN("down", "Mbit/s", Kind.NUMBER, Better.MORE, 3),
    /// Round trip to the coordinator.
    LATENCY("rtt", "ms", Kind.NUMBER, Better.LESS, 3),
    /// What buyers say of the seller, 0 to 1.
    RATING("rating", "", Kind.NUMBER, Better.MORE, 3),
    /// How sure it is that a lease runs to its end, as the nines of the probability: 2 is 99 %.
    RELIABILITY("reliability", "nines", Kind.NUMBER, Better.MORE, 3),
    /// What the machine can prove: 0 nothing, 1 a TPM, 2 a measured boot, 3 a confidential guest.
    ATTESTATION("attestation", "", Kind.NUMBER, Better.MORE, 0),
    /// The price of a gigabyte on the network.
    NETWORK_FEE("fee", "credits/GB", Kind.NUMBER, Better.LESS, 9),
    /// Whether the machine can be reached at a UDP port from anywhere.
    OPEN_UDP("udp", "", Kind.FLAG, Better.MORE, 0),
    /// Whether guests run on the processor itself.
    KVM("kvm", "", Kind.FLAG, Better.MORE, 0),
    /// Two capital letters of ISO 3166, or empty if it isn't known.
    COUNTRY("country", "", Kind.NAME, Better.NEITHER, 0),
    /// The kind of processor.
    HARDWARE("hardware", "", Kind.NAME, Better.NEITHER, 0),
    /// The seller's account.
    OWNER("owner", "", Kind.NAME, Better.NEITHER, 0),
    /// The private pool the machine belongs to, or empty.
    POOL("pool", "", Kind.NAME, Better.NEITHER, 0),
    /// The hours of the week in which the machine is there.
    HOURS("hours", "hours of the week", Kind.HOURS, Better.MORE, 0);

    /// What its values are, and so how it can be compared.
    public enum Kind {
        /// Numbers, which are bounded.
        NUMBER,
        /// Yes or no.
        FLAG,
        /// Names, which are listed.
        NAME,
        /// Hours of the week, which are to be covered.
        HOURS
    }

    /// What a buyer would rather have.
    public enum Better {
        MORE,
        LESS,
        NEITHER
    }

    private static final List<Attribute> NUMBERS =
            Arrays.stream(values()).filter(each -> each.kind == Kind.NUMBER).toList();

    private final String label;
    private final String unit;
    private final Kind kind;
    private final Better better;
    private final int decimals;

    Attribute(String label, String unit, Kind kind, Better better, int decimals) {
        this.label = label;
        this.unit = unit;
        this.kind = kind;
        this.better = better;
        this.decimals = decimals;
    }

    /// The attribute that people call so.
    public static Optional<Attribute> named(String label) {
        return Arrays.stream(values()).filter(each -> each.label.equals(label)).findFirst();
    }

    /// All whose values are numbers.
    public static List<Attribute> numbers() {
        return NUMBERS;
    }

    /// What people call it.
    public String label() {
        return label;
    }

    /// What its shown numbers count, or empty.
    public String unit() {
        return unit;
    }

    public Kind kind() {
        return kind;
    }

    public Better better() {
        return better;
    }

    /// How many decimals a shown number has: one shown unit is ten to that power of base units.
    public int decimals() {
        return decimals;
    }
}
