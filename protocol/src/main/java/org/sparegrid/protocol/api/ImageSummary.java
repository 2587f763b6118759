// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.protocol.api;

import java.time.Instant;
import org.sparegrid.protocol.ImageId;

/// An image that the coordinator holds for an account.
///
/// @param id the SHA-256 of its signed manifest
/// @param name its name
/// @param sizeBytes the image file's length
/// @param chunks how many chunks it has
/// @param created when its upload was completed
public record ImageSummary(ImageId id, String name, long sizeBytes, int chunks, Instant created) {}
