// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.imagetools.build;

import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Adds kernel arguments to the settings of a boot loader.
final class KernelArguments {
    /// A line of isolinux or GRUB with the arguments of a Linux kernel; behind dashes are those of
    /// an installed system.
    private static final Pattern ARGUMENTS =
            Pattern.compile(
                    "(?im)^([ \\t]*(?:append[ \\t]+|linux(?:efi|16)?[ \\t]+/)[^\\r\\n]*?)"
                            + "([ \\t]+--+(?:[ \\t][^\\r\\n]*)?|[ \\t]*)$");

    private KernelArguments() {}

    /// The settings with `arguments` behind those of each line that starts a kernel.
    static String add(String settings, List<String> arguments) {
        if (arguments.isEmpty()) {
            return settings;
        }
        String added = Matcher.quoteReplacement(" " + String.join(" ", arguments));
        return ARGUMENTS
                .matcher(settings)
                .replaceAll(line -> line.group(2).isBlank() ? "$1" + added : "$1" + added + "$2");
    }
}
