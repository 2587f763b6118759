// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.market.book;

import java.util.Arrays;
import org.sparegrid.coordinator.market.Constraint;
import org.sparegrid.coordinator.market.Constraints;
import org.sparegrid.coordinator.market.Diversity;
import org.sparegrid.protocol.market.Attribute;
import org.sparegrid.protocol.market.WeekHours;

/// An order made ready for the search: which planes narrow it down, the rarest first, and what is
/// compared exactly for the asks that are left. One plan is used again and again.
///
/// A term is one or several planes of which an ask's bit must be in one, or, negated, in none.
final class Plan {
    /// All hours, two for each number, flags and name groups of all constraints.
    private static final int TERMS_MAX =
            Planes.COUNT - Planes.HOURS + 2 * (Columns.INT_NUMBERS + 1) + 4 * Constraints.COUNT_MAX;

    /// Planes of one term; a list of more groups than that excludes little.
    private static final int GROUPS_MAX = 8;

    private final Columns columns;
    private final Leaves leaves;
    private final long[] alive = new long[Leaves.WORDS];

    private int terms;
    private final int[] starts = new int[TERMS_MAX + 1];
    private final int[] planes = new int[TERMS_MAX * GROUPS_MAX];
    private final boolean[] negated = new boolean[TERMS_MAX];
    private final long[] populations = new long[TERMS_MAX];
    private final int[] order = new int[TERMS_MAX];

    private boolean impossible;
    private final long[] least = new long[Columns.INT_NUMBERS + 1];
    private final long[] most = new long[Columns.INT_NUMBERS + 1];
    private int bounded;
    private final int[] boundedNumbers = new int[Columns.INT_NUMBERS + 1];
    private long priceLeast;
    private long priceMost;
    private int inexact;
    private final int[] inexactNumbers = new int[Columns.INT_NUMBERS + 1];
    private int flagsMask;
    private int flagsValue;
    private long first;
    private long second;
    private long third;

    private int lists;
    private final int[] listColumns = new int[Constraints.COUNT_MAX];
    private final boolean[] listWanted = new boolean[Constraints.COUNT_MAX];
    private final int[] listSizes = new int[Constraints.COUNT_MAX];
    private final int[][] listNumbers = new int[Constraints.COUNT_MAX][Constraint.NAMES_MAX];

    Plan(Columns columns, Leaves leaves) {
        this.columns = columns;
        this.leaves = leaves;
    }

    /// Takes up a demand's constraints.
    void prepare(Constraints constraints) {
        terms = 0;
        lists = 0;
        bounded = 0;
        inexact = 0;
        impossible = false;
        Arrays.fill(least, Long.MIN_VALUE);
        Arrays.fill(most, Long.MAX_VALUE);
        priceLeast = 0;
        priceMost = Long.MAX_VALUE;
        flagsMask = 0;
        flagsValue = 0;
        first = 0;
        second = 0;
        third = 0;
        for (int i = 0; i < constraints.all().size(); i++) {
            add(constraints.all().get(i));
        }
        addNumberTerms();
        addHourTerms();
        sort();
    }

    /// Whether no ask can ever meet it.
    boolean isImpossible() {
        return impossible;
    }

    long priceLeast() {
        return priceLeast;
    }

    long priceMost() {
        return priceMost;
    }

    /// Narrows a leaf down to the asks that may do.
    ///
    /// All terms are used even when few asks are left: another term is one line of memory, mostly
    /// at hand, and comparing one ask exactly is several far away.
    ///
    /// @return whether there are any; [#candidates] says which
    boolean narrow(int leaf) {
        Arrays.fill(alive, -1L);
        for (int i = 0; i < terms; i++) {
            if (apply(leaf, order[i]) == 0) {
                return false;
            }
        }
        return and(leaf, Planes.FREE, false) != 0;
    }

    /// The asks of one word of the leaf that was narrowed down.
    long candidates(int word) {
        return alive[word];
    }

    private long apply(int leaf, int term) {
        int start = starts[term];
        int end = starts[term + 1];
        return end == start + 1
                ? and(leaf, planes[start], negated[term])
                : andAny(leaf, start, end);
    }

    private long and(int leaf, int plane, boolean not) {
        long[] bits = leaves.bits(leaf, plane);
        int offset = Leaves.offset(leaf, plane);
        long flip = not ? -1L : 0;
        long left = 0;
        for (int word = 0; word < Leaves.WORDS; word++) {
            long now = alive[word] & (bits[offset + word] ^ flip);
            alive[word] = now;
            left |= now;
        }
        return left;
    }

    private long andAny(int leaf, int start, int end) {
        long left = 0;
        for (int word = 0; word < Leaves.WORDS; word++) {
            long any = 0;
            for (int i = start; i < end; i++) {
                int plane = planes[i];
                any |= leaves.bits(leaf, plane)[Leaves.offset(leaf, plane) + word];
            }
            any &= alive[word];
            alive[word] = any;
            left |= any;
        }
        return left;
    }

    /// Whether an ask that may do meets everything: what the planes can't tell is compared.
    boolean accepts(int ask) {
        int row = ask * Columns.INTS;
        int[] ints = columns.ints;
        for (int i = 0; i < inexact; i++) {
            int number = inexactNumbers[i];
            long value = columns.number(ask, number);
            if (value < least[number] || value > most[number]) {
                return false;
            }
        }
        for (int i = 0; i < lists; i++) {
            if (isListed(i, ints[row + listColumns[i]]) != listWanted[i]) {
                return false;
            }
        }
        return meetsPriceAndHours(ask);
    }

    private boolean meetsPriceAndHours(int ask) {
        int row = ask * Columns.LONGS;
        long[] longs = columns.longs;
        long price = longs[row + Columns.PRICE];
        return price >= priceLeast
                && price <= priceMost
                && (first & ~longs[row + Columns.HOURS]) == 0
                && (second & ~longs[row + Columns.HOURS + 1]) == 0
                && (third & ~longs[row + Columns.HOURS + 2]) == 0;
    }

    /// The most machines that can meet the lists of names and keep to the limits.
    long reachable(Diversity diversity) {
        long most = Long.MAX_VALUE;
        for (int i = 0; i < lists; i++) {
            if (listWanted[i]) {
                long each =
                        switch (listColumns[i]) {
                            case Columns.COUNTRY -> diversity.perCountry();
                            case Columns.HARDWARE -> diversity.perHardware();
                            case Columns.OWNER -> diversity.perOwner();
                            default -> Diversity.ANY;
                        };
                most = Math.min(most, each * listSizes[i]);
            }
        }
        return most;
    }

    private boolean isListed(int list, int number) {
        int[] numbers = listNumbers[list];
        for (int i = 0; i < listSizes[list]; i++) {
            if (numbers[i] == number) {
                return true;
            }
        }
        return false;
    }

    private void add(Constraint constraint) {
        switch (constraint) {
            case Constraint.Range(var attribute, var low, var high) -> range(attribute, low, high);
            case Constraint.Flag(var attribute, var wanted) -> flag(attribute, wanted);
            case Constraint.OneOf(var attribute, var names) -> list(attribute, names, true);
            case Constraint.NoneOf(var attribute, var names) -> list(attribute, names, false);
            case Constraint.Open(var hours) -> {
                first |= hours.first();
                second |= hours.second();
                third |= hours.third();
            }
        }
    }

    private void range(Attribute attribute, long low, long high) {
        if (attribute == Attribute.PRICE) {
            priceLeast = Math.max(priceLeast, low);
            priceMost = Math.min(priceMost, high);
            impossible |= priceLeast > priceMost;
            return;
        }
        int number = Columns.number(attribute);
        if (least[number] == Long.MIN_VALUE && most[number] == Long.MAX_VALUE) {
            boundedNumbers[bounded++] = number;
        }
        least[number] = Math.max(least[number], Math.max(low, Long.MIN_VALUE + 1));
        most[number] = Math.min(most[number], high);
        impossible |= least[number] > most[number];
    }

    private void flag(Attribute attribute, boolean wanted) {
        boolean udp = attribute == Attribute.OPEN_UDP;
        int bit = udp ? Columns.FLAG_OPEN_UDP : Columns.FLAG_KVM;
        impossible |= (flagsMask & bit) != 0 && (flagsValue & bit) != (wanted ? bit : 0);
        flagsMask |= bit;
        flagsValue |= wanted ? bit : 0;
        term(udp ? Planes.OPEN_UDP : Planes.KVM, !wanted);
    }

    private void list(Attribute attribute, Iterable<String> names, boolean wanted) {
        int column = Columns.column(attribute);
        Names known = columns.names(column);
        int size = 0;
        for (String name : names) {
            int number = known.find(name);
            if (number >= 0) {
                listNumbers[lists][size++] = number;
            }
        }
        impossible |= wanted && size == 0;
        listColumns[lists] = column;
        listWanted[lists] = wanted;
        listSizes[lists] = size;
        if (wanted && column != Columns.OWNER) {
            groupTerm(lists);
        }
        lists++;
    }

    /// The planes of a list's names, each once.
    private void groupTerm(int list) {
        int start = starts[terms];
        int end = start;
        long population = 0;
        for (int i = 0; i < listSizes[list]; i++) {
            int plane = Book.groupPlane(listColumns[list], listNumbers[list][i]);
            boolean known = false;
            for (int j = start; j < end; j++) {
                known |= planes[j] == plane;
            }
            if (!known) {
                if (end - start == GROUPS_MAX) {
                    return;
                }
                planes[end++] = plane;
                population += leaves.population(plane);
            }
        }
        if (end > start) {
            finishTerm(end, false, population);
        }
    }

    private void term(int plane, boolean not) {
        planes[starts[terms]] = plane;
        long population = leaves.population(plane);
        finishTerm(
                starts[terms] + 1,
                not,
                not ? leaves.population(Planes.USED) - population : population);
    }

    private void finishTerm(int end, boolean not, long population) {
        negated[terms] = not;
        populations[terms] = population;
        terms++;
        starts[terms] = end;
    }

    private void addNumberTerms() {
        for (int i = 0; i < bounded; i++) {
            int number = boundedNumbers[i];
            int low = Planes.level(number, least[number]);
            if (low > 0) {
                term(Planes.first(number) + low - 1, false);
            }
            int high = Planes.level(number, most[number]);
            if (high < Planes.levels(number)) {
                term(Planes.first(number) + high, true);
            }
            boolean lowExact = least[number] <= 0 || Planes.isThreshold(number, least[number]);
            boolean highExact =
                    most[number] == Long.MAX_VALUE || Planes.isThreshold(number, most[number] + 1);
            if (!lowExact || !highExact) {
                inexactNumbers[inexact++] = number;
            }
        }
    }

    private void addHourTerms() {
        long rest = Planes.hourPlanes(new WeekHours(first, second, third));
        while (rest != 0) {
            term(Planes.HOURS + Long.numberOfTrailingZeros(rest), false);
            rest &= rest - 1;
        }
    }

    private void sort() {
        for (int i = 0; i < terms; i++) {
            int j = i - 1;
            while (j >= 0 && populations[order[j]] > populations[i]) {
                order[j + 1] = order[j];
                j--;
            }
            order[j + 1] = i;
        }
    }

    /// Takes the highest price of a demand into account.
    void limit(Demand demand) {
        priceMost = Math.min(priceMost, demand.pricePerHourMax().nanos());
        impossible |= priceLeast > priceMost;
    }
}
