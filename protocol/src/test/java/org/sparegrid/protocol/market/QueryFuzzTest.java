// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.protocol.market;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.nio.charset.StandardCharsets;

class QueryFuzzTest {
    @FuzzTest
    void readsOrSaysWhere(byte[] bytes) throws QueryException {
        String text = new String(bytes, StandardCharsets.UTF_8);
        try {
            Query query = Query.parse(text);
            assertThat(Query.parse(query.toString())).isEqualTo(query);
        } catch (QueryException wrong) {
            assertThat(wrong.column()).isBetween(1, text.length() + 1);
        }
    }
}
