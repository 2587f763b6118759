// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.protocol;

import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import org.jspecify.annotations.Nullable;

/// What a program says of a failure. The JDK's messages about files are often the bare path.
public final class FailureText {
    private FailureText() {}

    /// The failure's message, with what is wrong if it names a file only; its kind if it has none.
    public static String of(Throwable failure) {
        String message = failure.getMessage();
        if (message == null) {
            return failure.getClass().getSimpleName();
        }
        String reason =
                failure instanceof FileSystemException file && file.getReason() == null
                        ? reason(file)
                        : null;
        return reason == null ? message : message + ": " + reason;
    }

    private static @Nullable String reason(FileSystemException failure) {
        return switch (failure) {
            case NoSuchFileException _ -> "there is no such file";
            case AccessDeniedException _ -> "this user has no permission";
            case FileAlreadyExistsException _ -> "it exists already";
            case NotDirectoryException _ -> "it is not a folder";
            case DirectoryNotEmptyException _ -> "the folder is not empty";
            default -> null;
        };
    }
}
