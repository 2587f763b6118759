// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.market.book;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.sparegrid.coordinator.market.AskAttributes;

/// A book and its oracle, changed alike.
final class Trial {
    final Book book;
    final Oracle oracle = new Oracle();
    final List<Integer> numbers = new ArrayList<>();

    Trial(int asksMax) {
        this.book = new Book(asksMax);
    }

    int add(AskAttributes ask, int free) {
        int number = book.add(ask, free);
        oracle.put(number, ask, free);
        numbers.add(number);
        return number;
    }

    void update(int number, AskAttributes next) {
        book.update(number, next);
        oracle.put(number, next, book.free(number));
    }

    void setFree(int number, int free) {
        book.setFree(number, free);
        oracle.setFree(number, free);
    }

    void remove(int place) {
        int number = numbers.get(place);
        numbers.set(place, numbers.getLast());
        numbers.removeLast();
        book.remove(number);
        oracle.remove(number);
    }

    void check(Demand demand) {
        List<Oracle.Pick> expected = oracle.match(demand);
        Picks picks = book.match(demand);
        List<Oracle.Pick> found = new ArrayList<>();
        int machines = 0;
        for (int i = 0; i < picks.size(); i++) {
            found.add(new Oracle.Pick(picks.ask(i), picks.machines(i)));
            machines += picks.machines(i);
        }
        assertThat(found).as("%s", demand).isEqualTo(expected);
        assertThat(picks.missing()).isEqualTo(demand.machines() - machines);
        assertThat(book.size()).isEqualTo(numbers.size());
        assertThat(book.count(demand.constraints())).isEqualTo(oracle.count(demand.constraints()));
    }
}
