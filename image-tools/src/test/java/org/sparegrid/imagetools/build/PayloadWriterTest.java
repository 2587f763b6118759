// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.imagetools.build;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.sparegrid.imagetools.iso.BootEntry;
import org.sparegrid.imagetools.iso.LiveSystem;

class PayloadWriterTest {
    @Test
    void startsTheKernelOfTheImageInside() {
        BootEntry entry =
                new BootEntry(
                        "images/vmlinuz",
                        List.of("ucode.img", "images/initrd.img"),
                        List.of("root=live:CDLABEL=X", "quiet", "---", "installed=yes"));

        assertThat(PayloadWriter.menu(entry, LiveSystem.DRACUT, List.of("more=1")))
                .isEqualTo(
                        """
                        search --no-floppy --set=root --label SGPAYLOAD
                        loopback base /sparegrid/base.iso
                        linux (base)/images/vmlinuz root=live:CDLABEL=X quiet iso-scan/filename=/sparegrid/base.iso rdinit=/sparegrid-init more=1
                        initrd (base)/ucode.img (base)/images/initrd.img /sparegrid/initrd.cpio
                        boot
                        """);
    }
}
