// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.image;

import org.sparegrid.imagetools.manifest.Manifest;
import org.sparegrid.protocol.ImageId;
import org.sparegrid.protocol.control.CoordinatorMessage;

/// Exchanges the images of leases with neighbours. Any thread may call; nothing fails for it.
public interface Sharing {
    /// Nothing is exchanged.
    Sharing NONE =
            new Sharing() {
                @Override
                public ChunkExchange begin(
                        String lease, ImageId image, Manifest manifest, SharedImage content) {
                    return ChunkExchange.NONE;
                }

                @Override
                public void end(String lease) {}

                @Override
                public void named(CoordinatorMessage.Neighbours neighbours) {}
            };

    /// A lease has borrowed an image.
    ///
    /// @param content the same object for all leases that use it
    ChunkExchange begin(String lease, ImageId image, Manifest manifest, SharedImage content);

    /// The lease needs its image no more. Again and again if need be.
    void end(String lease);

    /// Takes what the coordinator says about who is there.
    void named(CoordinatorMessage.Neighbours neighbours);
}
