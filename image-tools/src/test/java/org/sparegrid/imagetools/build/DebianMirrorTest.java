// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.imagetools.build;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DebianMirrorTest {
    @Test
    void usesTheBasesOwnSourcesUnlessTold() throws BuildException {
        assertThat(DebianMirror.sources(Map.of())).isEmpty();
    }

    @Test
    void derivesTheSecurityMirror() throws BuildException {
        assertThat(
                        DebianMirror.sources(
                                Map.of("SPAREGRID_DEBIAN_MIRROR", "http://mirror.example/debian/")))
                .contains("http://mirror.example/debian bookworm main\n")
                .contains("http://mirror.example/debian-security bookworm-security main\n");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "ftp://x/debian",
                "http://user:secret@x/debian",
                "http://x/debian bookworm",
                "x"
            })
    void refusesAnythingElseThanAnAddressWithoutSecrets(String mirror) {
        assertThatThrownBy(() -> DebianMirror.sources(Map.of("SPAREGRID_DEBIAN_MIRROR", mirror)))
                .isInstanceOf(BuildException.class)
                .hasMessageContaining("expected the address of a Debian mirror")
                .hasMessageNotContaining("secret");
    }
}
