// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.market.book;

import java.util.Arrays;
import org.sparegrid.coordinator.market.AskAttributes;
import org.sparegrid.coordinator.market.Constraints;
import org.sparegrid.protocol.market.Attribute;
import org.sparegrid.protocol.market.WeekHours;

/// All asks of a market, and the search for the cheapest that meet an order.
///
/// An ask is one seller's offer of several slots that are alike; it is known by a small number. Of
/// two asks that cost the same the one that has been at its price for longer comes first.
///
/// A book belongs to one thread. It grows with its asks up to the limit it was made with; changing
/// a row and searching allocate nothing otherwise.
public final class Book {
    private final int asksMax;
    private final Columns columns;
    private final Leaves leaves;
    private final Search search;
    private int[] unused = new int[16];
    private int unusedCount;
    private int bound;
    private int size;
    private long sequence;

    /// @param asksMax asks that the book may hold
    public Book(int asksMax) {
        this.asksMax = asksMax;
        this.columns = new Columns(asksMax);
        this.leaves = new Leaves(columns);
        this.search = new Search(columns, leaves);
        search.grow();
    }

    /// How many asks there are.
    public int size() {
        return size;
    }

    /// Whether no ask can be added.
    public boolean isFull() {
        return size == asksMax;
    }

    /// Puts a new ask into the book.
    ///
    /// @param free how many of its slots can be had now
    /// @return the number by which the book knows it
    /// @throws IllegalStateException if the book is full
    public int add(AskAttributes ask, int free) {
        return add(ask, free, sequence);
    }

    /// Puts an ask of another book into this one, as old as it was there.
    ///
    /// @param aged what [#sequence] was there
    /// @return the number by which this book knows it
    /// @throws IllegalStateException if the book is full
    public int add(AskAttributes ask, int free, long aged) {
        if (isFull()) {
            throw new IllegalStateException("book: expected at most " + asksMax + " asks");
        }
        int number = unusedCount > 0 ? unused[--unusedCount] : bound++;
        if (number == columns.capacity()) {
            columns.grow();
        }
        columns.fill(number, ask, free, aged);
        sequence = Math.max(sequence, aged + 1);
        search.grow();
        leaves.insert(number);
        flipAll(number);
        size++;
        return number;
    }

    /// Takes an ask out of the book; its number may be given to another.
    public void remove(int ask) {
        check(ask);
        leaves.remove(ask);
        columns.clear(ask);
        if (unusedCount == unused.length) {
            unused = Arrays.copyOf(unused, unusedCount * 2);
        }
        unused[unusedCount++] = ask;
        size--;
    }

    /// Changes an ask. It keeps its age unless its price changes.
    public void update(int ask, AskAttributes next) {
        update(ask, next, sequence);
    }

    /// Changes an ask as it was changed in another book.
    ///
    /// @param aged what [#sequence] is there by now
    public void update(int ask, AskAttributes next, long aged) {
        check(ask);
        setPrice(ask, next.pricePerHour().nanos(), aged);
        for (Attribute attribute : Attribute.numbers()) {
            if (attribute != Attribute.PRICE) {
                setNumber(ask, attribute, next.number(attribute));
            }
        }
        setName(ask, Columns.COUNTRY, next.country());
        setName(ask, Columns.HARDWARE, next.hardware());
        setName(ask, Columns.OWNER, next.owner());
        setName(ask, Columns.POOL, next.pool());
        setFlags(ask, Columns.flags(next));
        setHours(ask, next.hours());
        search.grow();
    }

    /// Changes one number of an ask. A new price makes it the youngest at that price.
    public void setNumber(int ask, Attribute attribute, long value) {
        check(ask);
        if (attribute == Attribute.PRICE) {
            setPrice(ask, value, sequence);
            return;
        }
        int number = Columns.number(attribute);
        int old = Planes.level(number, columns.number(ask, number));
        int next = Planes.level(number, value);
        columns.setNumber(ask, number, value);
        if (old != next) {
            int first = Planes.first(number);
            leaves.flip(ask, first + Math.min(old, next), first + Math.max(old, next), next > old);
        }
    }

    /// Changes how many of an ask's slots can be had now.
    public void setFree(int ask, int free) {
        check(ask);
        boolean was = columns.get(ask, Columns.FREE) > 0;
        columns.set(ask, Columns.FREE, free);
        if (was != free > 0) {
            leaves.flip(ask, Planes.FREE, free > 0);
        }
    }

    /// How many of an ask's slots can be had now.
    public int free(int ask) {
        check(ask);
        return columns.get(ask, Columns.FREE);
    }

    /// An ask as it is now.
    public AskAttributes get(int ask) {
        check(ask);
        return columns.read(ask);
    }

    /// A number that grows with the time at which asks took their prices.
    public long sequence(int ask) {
        check(ask);
        return columns.getLong(ask, Columns.SEQUENCE);
    }

    /// The cheapest slots that meet a demand. Diversity is kept by passing over asks that would
    /// exceed a limit. With one limit that costs the least and finds all there are; with several it
    /// may find fewer machines than some other choice.
    ///
    /// @param except asks that aren't wanted
    /// @return what was found, valid until the next search
    public Picks match(Demand demand, int... except) {
        return search.run(demand, except);
    }

    /// How many free slots meet the constraints, whatever they cost.
    public long count(Constraints constraints) {
        return search.count(constraints);
    }

    /// The plane of a name's group.
    static int groupPlane(int column, int name) {
        return switch (column) {
            case Columns.COUNTRY -> Planes.COUNTRY + name % Planes.COUNTRY_GROUPS;
            case Columns.HARDWARE -> Planes.HARDWARE + name % Planes.HARDWARE_GROUPS;
            default -> Planes.POOL + name % Planes.POOL_GROUPS;
        };
    }

    private void check(int ask) {
        if (ask < 0 || ask >= bound || columns.places[ask] < 0) {
            throw new IllegalArgumentException("book: there is no ask " + ask);
        }
    }

    private void setPrice(int ask, long price, long aged) {
        if (columns.getLong(ask, Columns.PRICE) == price) {
            return;
        }
        leaves.reprice(ask, price, aged);
        sequence = Math.max(sequence, aged + 1);
    }

    private void setName(int ask, int column, String name) {
        Names names = columns.names(column);
        int old = columns.get(ask, column);
        if (names.name(old).equals(name)) {
            return;
        }
        int next = names.use(name);
        names.drop(old);
        columns.set(ask, column, next);
        if (column != Columns.OWNER && groupPlane(column, old) != groupPlane(column, next)) {
            leaves.flip(ask, groupPlane(column, old), false);
            leaves.flip(ask, groupPlane(column, next), true);
        }
    }

    private void setFlags(int ask, int flags) {
        int changed = columns.get(ask, Columns.FLAGS) ^ flags;
        columns.set(ask, Columns.FLAGS, flags);
        if ((changed & Columns.FLAG_OPEN_UDP) != 0) {
            leaves.flip(ask, Planes.OPEN_UDP, (flags & Columns.FLAG_OPEN_UDP) != 0);
        }
        if ((changed & Columns.FLAG_KVM) != 0) {
            leaves.flip(ask, Planes.KVM, (flags & Columns.FLAG_KVM) != 0);
        }
    }

    private void setHours(int ask, WeekHours next) {
        WeekHours old = columns.hours(ask);
        columns.setHours(ask, next);
        long planes = Planes.hourPlanes(next);
        flipHours(ask, Planes.hourPlanes(old) ^ planes, planes);
    }

    private void flipHours(int ask, long changed, long next) {
        long rest = changed;
        while (rest != 0) {
            int plane = Long.numberOfTrailingZeros(rest);
            leaves.flip(ask, Planes.HOURS + plane, (next >>> plane & 1) != 0);
            rest &= rest - 1;
        }
    }

    /// Sets all bits of an ask that was just given a place.
    private void flipAll(int ask) {
        if (columns.get(ask, Columns.FREE) > 0) {
            leaves.flip(ask, Planes.FREE, true);
        }
        int flags = columns.get(ask, Columns.FLAGS);
        if ((flags & Columns.FLAG_OPEN_UDP) != 0) {
            leaves.flip(ask, Planes.OPEN_UDP, true);
        }
        if ((flags & Columns.FLAG_KVM) != 0) {
            leaves.flip(ask, Planes.KVM, true);
        }
        for (int column = Columns.COUNTRY; column <= Columns.POOL; column++) {
            if (column != Columns.OWNER) {
                leaves.flip(ask, groupPlane(column, columns.get(ask, column)), true);
            }
        }
        for (int number = 0; number <= Columns.FEE; number++) {
            int level = Planes.level(number, columns.number(ask, number));
            leaves.flip(ask, Planes.first(number), Planes.first(number) + level, true);
        }
        long hours = Planes.hourPlanes(columns.hours(ask));
        flipHours(ask, hours, hours);
    }
}
