// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.protocol.api;

import java.util.List;

/// An account's images, newest first.
///
/// @param images the images
public record Images(List<ImageSummary> images) {
    public Images {
        images = List.copyOf(images);
    }
}
