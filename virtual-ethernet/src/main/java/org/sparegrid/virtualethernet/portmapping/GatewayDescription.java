// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet.portmapping;

import java.io.ByteArrayInputStream;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import javax.xml.stream.XMLInputFactory;
import javax.xml.stream.XMLStreamConstants;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamReader;
import org.jspecify.annotations.Nullable;
import org.sparegrid.virtualethernet.wire.WireFormatException;

/// What a UPnP router says about itself, in XML that it may have made to hurt us: no document type,
/// no entity, bounded depth and length.
///
/// Source: UPnP Device Architecture 1.1, section 2.3; WANIPConnection:1.
final class GatewayDescription {
    /// The longest document that is read; real ones have 2 to 6 KiB.
    static final int LENGTH_MAX = 64 * 1024;

    private static final int DEPTH_MAX = 32;

    private GatewayDescription() {}

    /// The service that maps ports.
    ///
    /// @param type its URN, which every call repeats
    /// @param controlUrl where calls are sent to, absolute or relative to the description
    record Service(String type, String controlUrl) {}

    /// The first service of a device description that maps ports; empty if there is none.
    ///
    /// @throws WireFormatException if it is not such a document
    static Optional<Service> service(byte[] document) throws WireFormatException {
        Services services = new Services();
        read(document, services);
        return Optional.ofNullable(services.found);
    }

    /// The texts of a SOAP answer's elements by their local names, the first of each.
    ///
    /// @throws WireFormatException if it is no XML document
    static Map<String, String> texts(byte[] document) throws WireFormatException {
        Map<String, String> texts = new HashMap<>();
        read(document, (path, text) -> texts.putIfAbsent(path.getLast(), text));
        return texts;
    }

    private interface Visitor {
        void element(Deque<String> path, String text);
    }

    /// Remembers the service whose elements are being read.
    private static final class Services implements Visitor {
        private @Nullable Service found;
        private String type = "";
        private String controlUrl = "";

        @Override
        public void element(Deque<String> path, String text) {
            switch (path.getLast()) {
                case "serviceType" -> type = text;
                case "controlURL" -> controlUrl = text;
                case "service" -> {
                    boolean maps =
                            type.matches("urn:schemas-upnp-org:service:WAN(IP|PPP)Connection:[12]");
                    if (found == null && maps && !controlUrl.isEmpty()) {
                        found = new Service(type, controlUrl);
                    }
                    type = "";
                    controlUrl = "";
                }
                default -> {}
            }
        }
    }

    private static void read(byte[] document, Visitor visitor) throws WireFormatException {
        if (document.length > LENGTH_MAX) {
            throw new WireFormatException(
                    "upnp: expected up to " + LENGTH_MAX + " bytes, got " + document.length);
        }
        XMLInputFactory factory = XMLInputFactory.newDefaultFactory();
        factory.setProperty(XMLInputFactory.SUPPORT_DTD, false);
        factory.setProperty(XMLInputFactory.IS_SUPPORTING_EXTERNAL_ENTITIES, false);
        factory.setProperty(XMLInputFactory.IS_COALESCING, true);
        try {
            XMLStreamReader reader =
                    factory.createXMLStreamReader(new ByteArrayInputStream(document));
            Deque<String> path = new ArrayDeque<>();
            StringBuilder text = new StringBuilder();
            while (reader.hasNext()) {
                switch (reader.next()) {
                    case XMLStreamConstants.START_ELEMENT -> {
                        if (path.size() == DEPTH_MAX) {
                            throw new WireFormatException(
                                    "upnp: expected a depth of up to " + DEPTH_MAX);
                        }
                        path.addLast(reader.getLocalName());
                        text.setLength(0);
                    }
                    case XMLStreamConstants.CHARACTERS -> text.append(reader.getText());
                    case XMLStreamConstants.END_ELEMENT -> {
                        visitor.element(path, text.toString().strip());
                        path.removeLast();
                        text.setLength(0);
                    }
                    default -> {}
                }
            }
        } catch (XMLStreamException | RuntimeException broken) {
            // The JDK's reader throws unchecked exceptions at some broken documents.
            throw new WireFormatException("upnp: not well-formed XML: " + broken.getMessage());
        }
    }
}
