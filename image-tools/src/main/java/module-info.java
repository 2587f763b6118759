// SPDX-License-Identifier: Apache-2.0
/// Reads, checks, customises, signs and assembles bootable images.
@org.jspecify.annotations.NullMarked
module org.sparegrid.imagetools {
    requires static transitive org.jspecify;
    requires org.apache.commons.compress;
    requires org.snakeyaml.engine;

    exports org.sparegrid.imagetools.assembly;
    exports org.sparegrid.imagetools.build;
    exports org.sparegrid.imagetools.chunk;
    exports org.sparegrid.imagetools.disk;
    exports org.sparegrid.imagetools.iso;
    exports org.sparegrid.imagetools.manifest;
    exports org.sparegrid.imagetools.progress;
    exports org.sparegrid.imagetools.recipe;
}
