// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.sparegrid.testsupport.Command;

/// The templates in `packer/` are valid to the Packer that is installed, and a variable that they
/// don't have is not.
class PackerTemplatesIT {
    private static Command.Result validate(String template, String variable) throws Exception {
        Path file = Path.of("..", "packer", template);
        ProcessBuilder packer =
                new ProcessBuilder("packer", "validate", "-var", variable + "=x", file.toString());
        packer.environment().put("CHECKPOINT_DISABLE", "1");
        return Command.attempt(packer);
    }

    @ParameterizedTest
    @ValueSource(strings = {"base.pkr.hcl", "seller-appliance.pkr.hcl"})
    void packerTakesTheTemplate(String template) throws Exception {
        validate(template, "output").orFail();
        assertThat(validate(template, "outputs").exitCode()).isNotZero();
    }
}
