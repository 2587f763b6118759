// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.config;

import java.util.List;
import org.sparegrid.agent.config.SettingsValues.Unit;
import org.sparegrid.protocol.Credits;
import org.sparegrid.protocol.market.VolumeOffer;

/// What this computer keeps for buyers whose guests are gone.
///
/// @param offer how much disk, and for how much
public record VolumeSettings(VolumeOffer offer) {
    private static final long MEBIBYTES = 1024;

    static final List<SettingsReader.Line> LINES =
            List.of(
                    new SettingsReader.Line(
                            "volumes", "\"0 GiB\"  # disk that is kept for buyers, 0 for none"),
                    new SettingsReader.Line(
                            "volume-price", "\"0.05\"  # for one GiB of it and 30 days"));

    static VolumeSettings read(SettingsValues values) {
        long mebibytes =
                values.amount(
                        "volumes",
                        "0 GiB",
                        0,
                        VolumeOffer.GIBIBYTES_MAX * MEBIBYTES,
                        Unit.MEBIBYTES);
        Credits price = values.text("volume-price", "0.05", SettingsReader::price);
        return new VolumeSettings(new VolumeOffer((int) (mebibytes / MEBIBYTES), price));
    }
}
