// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.lease;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class SparingOutputTest {
    private final AtomicLong now = new AtomicLong(5000);
    private final ByteArrayOutputStream written = new ByteArrayOutputStream();

    private SparingOutput output(SparingOutput.Leave leave) {
        return new SparingOutput(written, leave, now::get, now::addAndGet);
    }

    @Test
    void changesNothingAndNeverWaitsWithoutALimit() throws IOException {
        byte[] state = new byte[1_000_003];
        new Random(1).nextBytes(state);
        SparingOutput out = output(() -> 0);
        out.write(state[0]);
        out.write(state, 1, state.length - 1);
        assertThat(written.toByteArray()).isEqualTo(state);
        assertThat(now).hasValue(5000);
    }

    @Test
    void takesAsLongAsTheLimitSays() throws IOException {
        SparingOutput out = output(() -> 1_000_000);
        for (int i = 0; i < 10; i++) {
            out.write(new byte[1_000_000]);
        }
        assertThat(now.get() - 5000).isBetween(9_800L, 10_200L);
    }

    @Test
    void takesAChangedLimitAtOnce() throws IOException {
        AtomicLong limit = new AtomicLong();
        SparingOutput out = output(limit::get);
        out.write(new byte[10_000_000]);
        limit.set(1_000_000);
        out.write(new byte[2_000_000]);
        assertThat(now.get() - 5000).isBetween(1_800L, 2_200L);
        limit.set(0);
        out.write(new byte[10_000_000]);
        assertThat(now.get() - 5000).isBetween(1_800L, 2_200L);
    }

    @Test
    void givesUpAfterAMinute() {
        SparingOutput out = output(() -> 1000);
        assertThatThrownBy(() -> out.write(new byte[10_000_000]))
                .isInstanceOf(IOException.class)
                .hasMessage("not saved within 60 s");
        assertThat(now.get() - 5000).isBetween(60_000L, 60_200L);
    }

    @Test
    void givesUpWhenTheOwnerComes() {
        SparingOutput out =
                output(() -> {
                    if (written.size() > 500_000) {
                        throw new IOException("the owner comes first");
                    }
                    return 0;
                });
        assertThatThrownBy(() -> out.write(new byte[10_000_000]))
                .hasMessage("the owner comes first");
        assertThat(written.size()).isLessThan(600_000);
    }
}
