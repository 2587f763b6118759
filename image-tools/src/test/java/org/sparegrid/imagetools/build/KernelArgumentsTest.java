// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.imagetools.build;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class KernelArgumentsTest {
    @Test
    void addsToIsolinux() {
        assertThat(
                        KernelArguments.add(
                                "LABEL a\n  KERNEL /v\n  APPEND boot=live quiet \nX\n",
                                List.of("a=1", "b$")))
                .isEqualTo("LABEL a\n  KERNEL /v\n  APPEND boot=live quiet a=1 b$\nX\n");
    }

    @Test
    void addsToGrubAndLeavesOtherLinesAlone() {
        String settings =
                "serial --unit=0\nmenuentry \"linux\" {\n  linux /live/vmlinuz quiet\n  initrd /i\n}\n";

        assertThat(KernelArguments.add(settings, List.of("x")))
                .isEqualTo(settings.replace("quiet", "quiet x"));
    }

    @Test
    void addsBeforeTheArgumentsOfAnInstalledSystem() {
        String settings = "append a=b --- quiet splash\n linux /casper/vmlinuz  ---\n";

        assertThat(KernelArguments.add(settings, List.of("x")))
                .isEqualTo("append a=b x --- quiet splash\n linux /casper/vmlinuz x  ---\n");
    }

    @Test
    void changesNothingWithoutArguments() {
        assertThat(KernelArguments.add("append x \n", List.of())).isEqualTo("append x \n");
    }
}
