// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.attestation.sev;

import java.util.Optional;

/// A family of AMD processors with its own root key.
public enum SnpProduct {
    MILAN("Milan", 0x19, 0x00, 0x0f),
    GENOA("Genoa", 0x19, 0x10, 0x1f),
    TURIN("Turin", 0x1a, 0x00, 0x1f);

    private static final int SIENA_FIRST = 0xa0;
    private static final int SIENA_LAST = 0xaf;

    private final String id;
    private final int family;
    private final int modelFirst;
    private final int modelLast;

    SnpProduct(String id, int family, int modelFirst, int modelLast) {
        this.id = id;
        this.family = family;
        this.modelFirst = modelFirst;
        this.modelLast = modelLast;
    }

    /// The name AMD's certificates use: `Milan`.
    public String id() {
        return id;
    }

    /// The product that a certificate names, such as `Milan-B0`, where the stepping follows a dash.
    static Optional<SnpProduct> named(String name) {
        for (SnpProduct product : values()) {
            if (name.equals(product.id) || name.startsWith(product.id + "-")) {
                return Optional.of(product);
            }
        }
        return Optional.empty();
    }

    /// The product of a processor by its CPUID; Bergamo and Siena have Genoa's keys.
    static Optional<SnpProduct> of(int family, int model) {
        if (family == GENOA.family && model >= SIENA_FIRST && model <= SIENA_LAST) {
            return Optional.of(GENOA);
        }
        for (SnpProduct product : values()) {
            if (family == product.family
                    && model >= product.modelFirst
                    && model <= product.modelLast) {
                return Optional.of(product);
            }
        }
        return Optional.empty();
    }
}
