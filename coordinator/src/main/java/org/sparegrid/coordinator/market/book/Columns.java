// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.market.book;

import java.util.Arrays;
import org.sparegrid.coordinator.market.AskAttributes;
import org.sparegrid.protocol.Credits;
import org.sparegrid.protocol.market.Attribute;
import org.sparegrid.protocol.market.MachineSize;
import org.sparegrid.protocol.market.WeekHours;

/// The exact values of all asks, one row an ask: 16 ints that fill a cache line, and 6 longs.
final class Columns {
    static final int CORES = 0;
    static final int SCORE = 1;
    static final int MEMORY = 2;
    static final int DISK = 3;
    static final int UP = 4;
    static final int DOWN = 5;
    static final int LATENCY = 6;
    static final int RATING = 7;
    static final int RELIABILITY = 8;
    static final int ATTESTATION = 9;

    /// The numbers 0 to 9 are ints; number 10 is the network fee, a long.
    static final int INT_NUMBERS = 10;

    static final int FEE = 10;

    static final int COUNTRY = 10;
    static final int HARDWARE = 11;
    static final int OWNER = 12;
    static final int POOL = 13;
    static final int FLAGS = 14;
    static final int FREE = 15;
    static final int INTS = 16;

    static final int FLAG_OPEN_UDP = 1;
    static final int FLAG_KVM = 2;

    static final int PRICE = 0;
    static final int NETWORK_FEE = 1;
    static final int SEQUENCE = 2;
    static final int HOURS = 3;
    static final int LONGS = 6;

    private static final int START = 1024;

    final Names countries = new Names();
    final Names hardware = new Names();
    final Names owners = new Names();
    final Names pools = new Names();

    private final int asksMax;
    int[] ints;
    long[] longs;

    /// Where an ask stands: 512 times its leaf and its place in the leaf; -1 for none.
    int[] places;

    Columns(int asksMax) {
        this.asksMax = asksMax;
        int capacity = Math.min(START, asksMax);
        this.ints = new int[capacity * INTS];
        this.longs = new long[capacity * LONGS];
        this.places = new int[capacity];
        Arrays.fill(places, -1);
    }

    int capacity() {
        return places.length;
    }

    /// Makes room for more rows.
    void grow() {
        int old = places.length;
        int capacity = (int) Math.min(old * 2L, asksMax);
        ints = Arrays.copyOf(ints, capacity * INTS);
        longs = Arrays.copyOf(longs, capacity * LONGS);
        places = Arrays.copyOf(places, capacity);
        Arrays.fill(places, old, capacity, -1);
    }

    /// The number of an attribute that is one, except for the price.
    static int number(Attribute attribute) {
        return switch (attribute) {
            case CORES -> CORES;
            case SCORE -> SCORE;
            case MEMORY -> MEMORY;
            case DISK -> DISK;
            case UP -> UP;
            case DOWN -> DOWN;
            case LATENCY -> LATENCY;
            case RATING -> RATING;
            case RELIABILITY -> RELIABILITY;
            case ATTESTATION -> ATTESTATION;
            case NETWORK_FEE -> FEE;
            case PRICE, OPEN_UDP, KVM, COUNTRY, HARDWARE, OWNER, POOL, HOURS ->
                    throw new IllegalArgumentException(attribute + " has no number");
        };
    }

    /// The column of a name.
    static int column(Attribute attribute) {
        return switch (attribute) {
            case COUNTRY -> COUNTRY;
            case HARDWARE -> HARDWARE;
            case OWNER -> OWNER;
            case POOL -> POOL;
            default -> throw new IllegalArgumentException(attribute + " is no name");
        };
    }

    Names names(int column) {
        return switch (column) {
            case COUNTRY -> countries;
            case HARDWARE -> hardware;
            case OWNER -> owners;
            default -> pools;
        };
    }

    int get(int ask, int column) {
        return ints[ask * INTS + column];
    }

    void set(int ask, int column, int value) {
        ints[ask * INTS + column] = value;
    }

    long getLong(int ask, int column) {
        return longs[ask * LONGS + column];
    }

    void setLong(int ask, int column, long value) {
        longs[ask * LONGS + column] = value;
    }

    /// The value of a number of [#number].
    long number(int ask, int number) {
        return number == FEE ? getLong(ask, NETWORK_FEE) : get(ask, number);
    }

    void setNumber(int ask, int number, long value) {
        if (number == FEE) {
            setLong(ask, NETWORK_FEE, value);
        } else {
            set(ask, number, Math.toIntExact(value));
        }
    }

    static int flags(AskAttributes ask) {
        return (ask.openUdp() ? FLAG_OPEN_UDP : 0) | (ask.kvm() ? FLAG_KVM : 0);
    }

    /// Fills a row for a new ask; its names are used once more.
    void fill(int ask, AskAttributes from, int free, long sequence) {
        for (Attribute attribute : Attribute.numbers()) {
            if (attribute != Attribute.PRICE) {
                setNumber(ask, number(attribute), from.number(attribute));
            }
        }
        set(ask, COUNTRY, countries.use(from.country()));
        set(ask, HARDWARE, hardware.use(from.hardware()));
        set(ask, OWNER, owners.use(from.owner()));
        set(ask, POOL, pools.use(from.pool()));
        set(ask, FLAGS, flags(from));
        set(ask, FREE, free);
        setLong(ask, PRICE, from.pricePerHour().nanos());
        setLong(ask, SEQUENCE, sequence);
        setHours(ask, from.hours());
    }

    void setHours(int ask, WeekHours hours) {
        setLong(ask, HOURS, hours.first());
        setLong(ask, HOURS + 1, hours.second());
        setLong(ask, HOURS + 2, hours.third());
    }

    WeekHours hours(int ask) {
        return new WeekHours(getLong(ask, HOURS), getLong(ask, HOURS + 1), getLong(ask, HOURS + 2));
    }

    /// Gives the row's names back.
    void clear(int ask) {
        countries.drop(get(ask, COUNTRY));
        hardware.drop(get(ask, HARDWARE));
        owners.drop(get(ask, OWNER));
        pools.drop(get(ask, POOL));
    }

    /// The row as it was put in.
    AskAttributes read(int ask) {
        return new AskAttributes(
                new Credits(getLong(ask, PRICE)),
                new MachineSize(get(ask, CORES), get(ask, MEMORY), get(ask, DISK)),
                get(ask, SCORE),
                get(ask, UP),
                get(ask, DOWN),
                get(ask, LATENCY),
                get(ask, RATING),
                get(ask, RELIABILITY),
                get(ask, ATTESTATION),
                new Credits(getLong(ask, NETWORK_FEE)),
                (get(ask, FLAGS) & FLAG_OPEN_UDP) != 0,
                (get(ask, FLAGS) & FLAG_KVM) != 0,
                countries.name(get(ask, COUNTRY)),
                hardware.name(get(ask, HARDWARE)),
                owners.name(get(ask, OWNER)),
                pools.name(get(ask, POOL)),
                hours(ask));
    }
}
