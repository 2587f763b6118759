// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.diagnosis;

import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Takes out of texts what tells who the owner is or lets others in. The same thing gets the same
/// mark in all texts, so that a reader can still follow it.
public final class Redaction {
    /// A word that is too short would be found inside of others.
    private static final int WORD_MIN = 3;

    /// Looked for before the words, which may be part of it.
    private static final Kind MAIL = new Kind("mail", "[\\w.+-]+@[\\w-]+(?:\\.[\\w-]+)+");

    private static final List<Kind> KINDS =
            List.of(
                    new Kind("page", "https?://(?:127\\.0\\.0\\.1|localhost)(?::\\d+)?/[^\\s\"]+"),
                    new Kind("mac", "(?<![\\w:])[0-9a-fA-F]{2}(?::[0-9a-fA-F]{2}){5}(?![\\w:])"),
                    new Kind(
                            "address",
                            "(?<![\\w:.])(?:(?:[0-9a-fA-F]{1,4}:){7}[0-9a-fA-F]{1,4}"
                                    + "|(?=[0-9a-fA-F:]*::)[0-9a-fA-F]{0,4}(?::[0-9a-fA-F]{0,4}){2,7})"
                                    + "(?![\\w:])"),
                    new Kind(
                            "address",
                            "(?<![\\w.])(?!127\\.0\\.0\\.1\\b|0\\.0\\.0\\.0\\b)"
                                    + "\\d{1,3}(?:\\.\\d{1,3}){3}(?![\\w.]*\\w)"),
                    // Keys, tokens and digests: long, with both letters and digits.
                    new Kind(
                            "id",
                            "(?<![\\w-])(?=[\\w-]*[0-9])(?=[\\w-]*[A-Za-z])[\\w-]{26,}={0,2}"));

    private final Map<String, String> words;
    private final Map<String, String> marks = new LinkedHashMap<>();

    private record Kind(String name, Pattern pattern) {
        Kind(String name, String pattern) {
            this(name, Pattern.compile(pattern));
        }
    }

    /// @param words names that are known to tell something, each with its mark, such as the host's
    public Redaction(Map<String, String> words) {
        this.words = Map.copyOf(words);
    }

    /// The text without it.
    public String apply(String text) {
        String clean = marked(MAIL, text);
        List<String> longestFirst =
                words.keySet().stream()
                        .filter(word -> word.length() >= WORD_MIN)
                        .sorted(Comparator.comparingInt(String::length).reversed())
                        .toList();
        for (String word : longestFirst) {
            clean =
                    Pattern.compile("(?<!\\w)" + Pattern.quote(word) + "(?!\\w)")
                            .matcher(clean)
                            .replaceAll(Matcher.quoteReplacement(words.getOrDefault(word, "")));
        }
        for (Kind kind : KINDS) {
            clean = marked(kind, clean);
        }
        return clean;
    }

    private String marked(Kind kind, String text) {
        return kind.pattern().matcher(text).replaceAll(found -> mark(kind.name(), found.group()));
    }

    private String mark(String kind, String found) {
        return marks.computeIfAbsent(found, _ -> "<" + kind + "-" + (marks.size() + 1) + ">");
    }
}
