// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.market.book;

import java.util.Arrays;

/// All asks ordered by price and then by age, cut into leaves of at most 512, each with the bit
/// planes of its asks. Within a leaf asks stand in no order.
///
/// A leaf that is full is split in halves; one that becomes sparse is joined with a neighbour, so
/// that there are at most about one leaf for 190 asks.
final class Leaves {
    static final int ASKS_MAX = 512;
    static final int WORDS = ASKS_MAX / 64;

    /// A leaf with fewer asks looks for a neighbour to join.
    private static final int SPARSE = 128;

    /// What two joined leaves may hold, so that the next asks don't split them again.
    private static final int JOINED_MAX = 384;

    private final Columns columns;
    private final long[] population = new long[Planes.COUNT];
    private final long[] sorted = new long[ASKS_MAX];

    /// By plane: its bits for one leaf after the other.
    private final long[][] hot = new long[Planes.HOT][4 * WORDS];

    /// By leaf: its other planes one after the other, its asks by place, how many they are.
    private long[][] cold = new long[4][];

    private int[][] asks = new int[4][];
    private int[] sizes = new int[4];

    /// By position in the order of prices: the leaf, and the least price and age it may hold.
    private int[] leaves = new int[4];

    private long[] leastPrices = new long[4];
    private long[] leastSequences = new long[4];

    private int count;
    private int[] spare = new int[4];
    private int spareCount;
    private int made;

    Leaves(Columns columns) {
        this.columns = columns;
        leaves[0] = make();
        leastPrices[0] = Long.MIN_VALUE;
        leastSequences[0] = Long.MIN_VALUE;
        count = 1;
    }

    int count() {
        return count;
    }

    long leastPrice(int position) {
        return leastPrices[position];
    }

    long leastSequence(int position) {
        return leastSequences[position];
    }

    /// The leaf at that position.
    int leaf(int position) {
        return leaves[position];
    }

    /// The bits of a leaf's plane, from [#offset] on.
    long[] bits(int leaf, int plane) {
        return plane < Planes.HOT ? hot[plane] : cold[leaf];
    }

    /// Where a leaf's plane begins in [#bits].
    static int offset(int leaf, int plane) {
        return (plane < Planes.HOT ? leaf : plane - Planes.HOT) * WORDS;
    }

    /// The asks by place of the leaf at that position.
    int[] asks(int position) {
        return asks[leaves[position]];
    }

    /// How many asks have their bit in that plane.
    long population(int plane) {
        return population[plane];
    }

    /// The position of the leaf that holds, or would hold, an ask of that price and age.
    int find(long price, long sequence) {
        int low = 0;
        int high = count - 1;
        while (low < high) {
            int middle = (low + high + 1) >>> 1;
            boolean before =
                    leastPrices[middle] < price
                            || (leastPrices[middle] == price && leastSequences[middle] <= sequence);
            if (before) {
                low = middle;
            } else {
                high = middle - 1;
            }
        }
        return low;
    }

    /// Gives an ask whose row is filled a place, with no bits set but that it is there.
    void insert(int ask) {
        long price = columns.getLong(ask, Columns.PRICE);
        long sequence = columns.getLong(ask, Columns.SEQUENCE);
        int position = find(price, sequence);
        if (sizes[leaves[position]] == ASKS_MAX) {
            split(position);
            position = find(price, sequence);
        }
        put(leaves[position], ask);
    }

    /// Takes an ask from its place, with all its bits.
    void remove(int ask) {
        int place = columns.places[ask];
        int leaf = place / ASKS_MAX;
        int bit = place % ASKS_MAX;
        for (int plane = 0; plane < Planes.COUNT; plane++) {
            long[] bits = bits(leaf, plane);
            int at = offset(leaf, plane) + (bit >> 6);
            if ((bits[at] >>> bit & 1) != 0) {
                bits[at] ^= 1L << bit;
                population[plane]--;
            }
        }
        columns.places[ask] = -1;
        sizes[leaf]--;
        joinIfSparse(
                leaf, columns.getLong(ask, Columns.PRICE), columns.getLong(ask, Columns.SEQUENCE));
    }

    /// Sets or clears an ask's bit in a plane; it must not have that value already.
    void flip(int ask, int plane, boolean on) {
        flip(ask, plane, plane + 1, on);
    }

    /// Sets or clears an ask's bits in the planes from `first` to before `end`.
    void flip(int ask, int first, int end, boolean on) {
        int place = columns.places[ask];
        int leaf = place / ASKS_MAX;
        int word = place % ASKS_MAX >> 6;
        for (int plane = first; plane < end; plane++) {
            bits(leaf, plane)[offset(leaf, plane) + word] ^= 1L << place;
            population[plane] += on ? 1 : -1;
        }
    }

    /// Gives an ask a new price and age, and with them its place in the order.
    void reprice(int ask, long price, long sequence) {
        int leaf = columns.places[ask] / ASKS_MAX;
        int position = find(price, sequence);
        if (leaves[position] != leaf && sizes[leaves[position]] == ASKS_MAX) {
            split(position);
            position = find(price, sequence);
        }
        long oldPrice = columns.getLong(ask, Columns.PRICE);
        long oldSequence = columns.getLong(ask, Columns.SEQUENCE);
        columns.setLong(ask, Columns.PRICE, price);
        columns.setLong(ask, Columns.SEQUENCE, sequence);
        if (leaves[position] != leaf) {
            move(ask, leaves[position]);
            joinIfSparse(leaf, oldPrice, oldSequence);
        }
    }

    private void joinIfSparse(int leaf, long price, long sequence) {
        if (sizes[leaf] < SPARSE && count > 1) {
            join(positionOf(leaf, price, sequence));
        }
    }

    private int positionOf(int leaf, long price, long sequence) {
        int position = find(price, sequence);
        if (leaves[position] != leaf) {
            throw new IllegalStateException("book: an ask is not in the leaf of its price");
        }
        return position;
    }

    private void put(int leaf, int ask) {
        long[] used = hot[Planes.USED];
        int word = 0;
        while (used[leaf * WORDS + word] == -1L) {
            word++;
        }
        int bit = word * 64 + Long.numberOfTrailingZeros(~used[leaf * WORDS + word]);
        asks[leaf][bit] = ask;
        columns.places[ask] = leaf * ASKS_MAX + bit;
        sizes[leaf]++;
        flip(ask, Planes.USED, true);
    }

    /// Moves an ask with its bits into another leaf.
    private void move(int ask, int to) {
        int place = columns.places[ask];
        int leaf = place / ASKS_MAX;
        int bit = place % ASKS_MAX;
        put(to, ask);
        population[Planes.USED]--;
        int moved = columns.places[ask] % ASKS_MAX;
        for (int plane = 0; plane < Planes.COUNT; plane++) {
            long[] from = bits(leaf, plane);
            int at = offset(leaf, plane) + (bit >> 6);
            if ((from[at] >>> bit & 1) != 0) {
                from[at] ^= 1L << bit;
                bits(to, plane)[offset(to, plane) + (moved >> 6)] |= 1L << moved;
            }
        }
        sizes[leaf]--;
    }

    private void split(int position) {
        int leaf = leaves[position];
        for (int i = 0; i < ASKS_MAX; i++) {
            sorted[i] = columns.getLong(asks[leaf][i], Columns.PRICE);
        }
        Arrays.sort(sorted);
        long price = sorted[ASKS_MAX / 2];
        int below = lowerBound(price);
        int equal = 0;
        for (int i = 0; i < ASKS_MAX; i++) {
            if (columns.getLong(asks[leaf][i], Columns.PRICE) == price) {
                sorted[equal++] = columns.getLong(asks[leaf][i], Columns.SEQUENCE);
            }
        }
        Arrays.sort(sorted, 0, equal);
        // Ages are unique, so that even asks of one price are cut in halves.
        long sequence = sorted[ASKS_MAX / 2 - below];
        int upper = addAfter(position, price, sequence);
        for (int i = 0; i < ASKS_MAX; i++) {
            int ask = asks[leaf][i];
            if (!isBefore(ask, price, sequence)) {
                move(ask, upper);
            }
        }
    }

    private int lowerBound(long price) {
        int below = 0;
        while (sorted[below] < price) {
            below++;
        }
        return below;
    }

    private boolean isBefore(int ask, long price, long sequence) {
        long own = columns.getLong(ask, Columns.PRICE);
        return own < price || (own == price && columns.getLong(ask, Columns.SEQUENCE) < sequence);
    }

    /// Joins a sparse leaf with a neighbour if both fit into one.
    private void join(int position) {
        int left = position > 0 && fits(position - 1) ? position - 1 : position;
        if (left + 1 >= count || !fits(left)) {
            return;
        }
        int from = leaves[left + 1];
        int into = leaves[left];
        for (int word = 0; word < WORDS; word++) {
            long rest = hot[Planes.USED][from * WORDS + word];
            while (rest != 0) {
                int bit = word * 64 + Long.numberOfTrailingZeros(rest);
                rest &= rest - 1;
                move(asks[from][bit], into);
            }
        }
        System.arraycopy(leaves, left + 2, leaves, left + 1, count - left - 2);
        System.arraycopy(leastPrices, left + 2, leastPrices, left + 1, count - left - 2);
        System.arraycopy(leastSequences, left + 2, leastSequences, left + 1, count - left - 2);
        count--;
        spare[spareCount++] = from;
    }

    private boolean fits(int left) {
        return left + 1 < count && sizes[leaves[left]] + sizes[leaves[left + 1]] <= JOINED_MAX;
    }

    private int addAfter(int position, long price, long sequence) {
        if (count == leaves.length) {
            leaves = Arrays.copyOf(leaves, count * 2);
            leastPrices = Arrays.copyOf(leastPrices, count * 2);
            leastSequences = Arrays.copyOf(leastSequences, count * 2);
        }
        int leaf = make();
        int at = position + 1;
        System.arraycopy(leaves, at, leaves, at + 1, count - at);
        System.arraycopy(leastPrices, at, leastPrices, at + 1, count - at);
        System.arraycopy(leastSequences, at, leastSequences, at + 1, count - at);
        leaves[at] = leaf;
        leastPrices[at] = price;
        leastSequences[at] = sequence;
        count++;
        return leaf;
    }

    /// An empty leaf; one that was joined into another is taken first.
    private int make() {
        if (spareCount > 0) {
            return spare[--spareCount];
        }
        if (made == cold.length) {
            for (int plane = 0; plane < Planes.HOT; plane++) {
                hot[plane] = Arrays.copyOf(hot[plane], made * 2 * WORDS);
            }
            cold = Arrays.copyOf(cold, made * 2);
            asks = Arrays.copyOf(asks, made * 2);
            sizes = Arrays.copyOf(sizes, made * 2);
            spare = Arrays.copyOf(spare, made * 2);
        }
        cold[made] = new long[(Planes.COUNT - Planes.HOT) * WORDS];
        asks[made] = new int[ASKS_MAX];
        return made++;
    }
}
