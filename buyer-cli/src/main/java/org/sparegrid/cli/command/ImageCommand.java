// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.cli.command;

import picocli.CommandLine.Command;

/// `image` and what it holds.
@Command(
        name = "image",
        description = "Live CDs: make, check, sign and upload them.",
        subcommands = {
            ImageFileCommands.Init.class,
            ImageBuildCommands.Build.class,
            ImageBuildCommands.Import.class,
            ImageRunCommand.class,
            ImageFileCommands.Inspect.class,
            ImageCheckCommands.Verify.class,
            ImageCheckCommands.Diff.class,
            ImageStoreCommands.Push.class,
            ImageStoreCommands.ListCommand.class,
            ImageStoreCommands.Remove.class
        })
final class ImageCommand extends GroupCommand {}
