// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class StoreTest {
    private static final Path FILE = Path.of("coordinator.db");

    @Test
    void isAFileUnlessSaidOtherwise() {
        assertThat(Store.parse("sqlite", FILE)).isEqualTo(new Store.Sqlite(FILE));
    }

    @ParameterizedTest
    @CsvSource({
        "postgresql://sg:p%40ss@db.example:5433/grid, db.example, 5433, grid, sg, p@ss",
        "postgresql://sg@[2001:db8::1]/grid, [2001:db8::1], 5432, grid, sg, ''",
        "postgresql://sg@/grid?host=/run/postgresql, /run/postgresql, 5432, grid, sg, ''",
    })
    void isAServer(
            String text, String host, int port, String database, String user, String password) {
        assertThat(Store.parse(text, FILE))
                .isEqualTo(new Store.Postgres(host, port, database, user, password));
    }

    @ParameterizedTest
    @CsvSource({
        "mysql://sg:secret@db/grid, it begins with neither",
        "postgresql://sg:secret@db, it names no database",
        "postgresql://db/grid, it names no user",
        "postgresql://sg:secret@/grid, it names no host",
        "postgresql://sg:sec ret@db/grid, it is not a URL",
    })
    void saysWhatIsWrongButNoPassword(String text, String why) {
        assertThatThrownBy(() -> Store.parse(text, FILE))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(why)
                .message()
                .doesNotContain("secret")
                .doesNotContain("sec ret");
        assertThat(new Store.Postgres("db", 1, "grid", "sg", "secret").toString())
                .isEqualTo("postgresql://sg@db:1/grid");
    }
}
