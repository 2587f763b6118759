// SPDX-License-Identifier: Apache-2.0
import org.jspecify.annotations.NullMarked;

/// Typed identifiers, units and the messages between coordinator, seller and buyer.
@NullMarked
module org.sparegrid.protocol {
    requires static transitive org.jspecify;
    requires com.fasterxml.jackson.core;
    requires com.fasterxml.jackson.databind;
    requires com.fasterxml.jackson.dataformat.cbor;
    requires com.fasterxml.jackson.dataformat.toml;
    requires com.fasterxml.jackson.datatype.jsr310;

    exports org.sparegrid.protocol;
    exports org.sparegrid.protocol.api;
    exports org.sparegrid.protocol.control;
    exports org.sparegrid.protocol.http;
    exports org.sparegrid.protocol.json;
    exports org.sparegrid.protocol.market;
    exports org.sparegrid.protocol.settings;
    exports org.sparegrid.protocol.tls;

    // Jackson reads and makes the records of these packages.
    opens org.sparegrid.protocol.api to
            com.fasterxml.jackson.databind;
    opens org.sparegrid.protocol.control to
            com.fasterxml.jackson.databind;
    opens org.sparegrid.protocol.market to
            com.fasterxml.jackson.databind;
}
