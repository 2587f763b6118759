// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.imagetools.iso;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.sparegrid.imagetools.iso.Customisation.Verdict;
import org.sparegrid.imagetools.iso.Customisation.Way;

class CustomisationTest {
    @TempDir Path folder;

    private Customisation of(TinyIso iso) throws IOException, IsoFormatException {
        return Customisation.of(IsoImage.read(Files.write(folder.resolve("x.iso"), iso.toBytes())));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "live | filesystem.squashfs | DEBIAN_LIVE | true | true | mounts every live/*.squashfs",
                "casper | filesystem.squashfs | CASPER | true | true | mounts every casper/*.squashfs",
                "casper | minimal.live.squashfs | CASPER | false | false | its initrd names which of its layers",
                "LiveOS | squashfs.img | DRACUT | false | true | mounts one root file system only",
                "slax | 01-core.sb | SLAX | true | true | mounts every slax/modules/*.sb",
                "apks | x | ALPINE | false | false | makes its root from packages",
                "install | x | UNKNOWN | false | false | no known live system in it",
            })
    void saysWhichWaysAnImageAllowsAndWhy(
            String folderName,
            String file,
            LiveSystem system,
            boolean layer,
            boolean rebuild,
            String why)
            throws Exception {
        TinyIso iso = new TinyIso(64, folderName).file(file, TinyIso.squashfs(5000));

        Customisation customisation = of(iso);

        assertThat(customisation.system()).isEqualTo(system);
        assertThat(customisation.ways())
                .extracting(Verdict::possible)
                .containsExactly(layer, false, rebuild);
        assertThat(customisation.ways().getFirst().why()).contains(why);
        assertThat(customisation.choose(List.of(Way.LAYER, Way.REBUILD)).isPresent())
                .isEqualTo(layer || rebuild);
    }

    @Test
    void takesTheOnlyLiveSessionOfAChainForItsRoot() throws Exception {
        TinyIso iso = new TinyIso(64, "casper");
        for (String name :
                List.of("minimal.standard.live", "minimal.de", "minimal.standard", "minimal")) {
            iso.file(name + ".squashfs", TinyIso.squashfs(3000));
        }

        Customisation customisation = of(iso);

        assertThat(customisation.chained()).isTrue();
        assertThat(customisation.roots())
                .extracting(IsoEntry::path)
                .containsExactly(
                        "casper/minimal.squashfs",
                        "casper/minimal.standard.squashfs",
                        "casper/minimal.standard.live.squashfs");
        assertThat(customisation.ways().getFirst())
                .isEqualTo(
                        new Verdict(
                                Way.LAYER,
                                true,
                                "Ubuntu casper mounts the chain of layers that layerfs-path= names,"
                                        + " here up to minimal.standard.live"));
        assertThat(customisation.chainedNames(2))
                .containsExactly(
                        "minimal.standard.live.sg1.squashfs",
                        "minimal.standard.live.sg1.sg2.squashfs");
        assertThat(Customisation.chainArgument("a.b.squashfs"))
                .isEqualTo("layerfs-path=a.b.squashfs");
    }

    @ParameterizedTest
    @CsvSource({
        "minimal minimal.live minimal.other.live minimal.other",
        "minimal minimal.standard",
        "minimal minimal.standard.live",
    })
    void guessesNoChainWhereSeveralOrNoneAreComplete(String names) throws Exception {
        TinyIso iso = new TinyIso(64, "casper");
        for (String name : names.split(" ")) {
            iso.file(name + ".squashfs", TinyIso.squashfs(3000));
        }

        Customisation customisation = of(iso);

        assertThat(customisation.choose(List.of(Way.values()))).isEmpty();
        assertThat(customisation.ways())
                .allMatch(verdict -> verdict.why().contains("layerfs-path=NAME"));
    }

    @Test
    void takesARootForOneOnlyIfItIsASquashfs() throws Exception {
        Customisation customisation =
                of(new TinyIso(64).file("filesystem.squashfs", new byte[5000]));

        assertThat(customisation.choose(List.of(Way.values()))).isEmpty();
        assertThat(customisation.ways().getFirst().why()).contains("not all of them are squashfs");
    }

    @Test
    void takesAPayloadIfTheBootMenuNamesWhatIsThere() throws Exception {
        Customisation customisation = of(TinyIso.live());

        assertThat(customisation.ways().get(1))
                .isEqualTo(
                        new Verdict(
                                Way.PAYLOAD,
                                false,
                                "its boot menu names no kernel and initrd that are in it"));
    }

    @Test
    void asksForLoopDevicesWhereThereAreMoreLayersThanThese() {
        assertThat(LiveSystem.DEBIAN_LIVE.layerArguments(7)).isEmpty();
        assertThat(LiveSystem.DEBIAN_LIVE.layerArguments(8)).containsExactly("loop.max_loop=16");
        assertThat(LiveSystem.SYSTEM_RESCUE.layerArguments(2)).containsExactly("loadsrm");
    }
}
