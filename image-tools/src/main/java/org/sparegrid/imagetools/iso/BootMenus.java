// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.imagetools.iso;

import java.io.IOException;
import java.util.Collection;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Finds boot menus that wait until somebody presses a key, as those of most live CDs do, and lets
/// them go on: nobody sits before a rented machine.
///
/// isolinux waits if it shows a menu or a prompt and has no `timeout` above 0 (tenths of a second);
/// GRUB if it has a menu and no `timeout` that is 0 or more (seconds).
///
/// Source: doc/syslinux.txt of syslinux 6 ("TIMEOUT", "PROMPT", "UI"); the manual of GRUB 2.06,
/// section 16.1.30.
public final class BootMenus {
    /// Long enough to be seen and stopped where a person is there.
    private static final int SHOWN_SECONDS = 1;

    private static final Pattern ISOLINUX_MENU =
            Pattern.compile(
                    "(?im)^[ \\t]*((ui|default)[ \\t]+\\S+\\.(c32|com)\\b|prompt[ \\t]+[1-9])");
    private static final Pattern ISOLINUX_TIMEOUT =
            Pattern.compile("(?im)^[ \\t]*(total)?timeout[ \\t]+0*[1-9]");
    private static final Pattern GRUB_MENU = Pattern.compile("(?m)^[ \\t]*menuentry\\b");
    private static final Pattern GRUB_TIMEOUT =
            Pattern.compile("(?m)^[ \\t]*(set[ \\t]+)?timeout=[\"']?[0-9]");
    private static final Pattern GRUB_ENDLESS = Pattern.compile("\\btimeout=([\"']?)-[0-9]+\\1");

    private BootMenus() {}

    /// Whether a machine that starts from `image` may stand still at its menu for ever.
    static boolean wait(IsoImage image) throws IOException, IsoFormatException {
        return !unattended(BootEntry.settings(image)).isEmpty();
    }

    /// Those of the files `settings` (path to text, of all boot loaders of one image) which have to
    /// be changed for its menus to go on by themselves, changed; none if they do.
    public static Map<String, String> unattended(Map<String, String> settings) {
        Map<String, String> changed = new TreeMap<>();
        Map<String, String> isolinux = filter(settings, path -> path.contains("linux/"));
        if (isAny(isolinux.values(), ISOLINUX_MENU)
                && !isAny(isolinux.values(), ISOLINUX_TIMEOUT)) {
            // The last one counts, and these files include the others.
            filter(isolinux, path -> path.matches(".*/(iso|sys)linux\\.cfg"))
                    .forEach((path, text) ->
                            changed.put(path, text + "\ntimeout " + 10 * SHOWN_SECONDS + "\n"));
        }
        Map<String, String> grub = filter(settings, path -> !path.contains("linux/"));
        if (isAny(grub.values(), GRUB_MENU) && !isAny(grub.values(), GRUB_TIMEOUT)) {
            String timeout = "set timeout=" + SHOWN_SECONDS + "\n";
            grub.forEach((path, text) -> {
                String ends =
                        GRUB_ENDLESS
                                .matcher(text)
                                .replaceAll(Matcher.quoteReplacement("timeout=" + SHOWN_SECONDS));
                String all = path.endsWith("/grub.cfg") ? timeout + ends : ends;
                if (!all.equals(text)) {
                    changed.put(path, all);
                }
            });
        }
        return changed;
    }

    private static Map<String, String> filter(
            Map<String, String> settings, Predicate<String> paths) {
        Map<String, String> some = new TreeMap<>(settings);
        some.keySet().removeIf(paths.negate());
        return some;
    }

    private static boolean isAny(Collection<String> texts, Pattern pattern) {
        return texts.stream().anyMatch(text -> pattern.matcher(text).find());
    }
}
