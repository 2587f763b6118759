// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.benchmarks.simulation;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/// A picture of numbers, as SVG: axes with units, lines, areas down to the axis, and points with
/// intervals.
final class Chart {
    private static final int WIDTH = 960;
    private static final int HEIGHT = 460;
    private static final int LEFT = 84;
    private static final int RIGHT = 24;
    private static final int TOP = 76;
    private static final int BOTTOM = 62;

    private final String title;
    private final Axis x;
    private final Axis y;
    private final StringBuilder body = new StringBuilder();
    private final StringBuilder legend = new StringBuilder();
    private int legendAt = LEFT;

    /// An axis.
    ///
    /// @param label what it is, with its unit
    /// @param from its first value
    /// @param to its last value
    /// @param logarithmic whether equal factors have equal lengths
    /// @param ticks where it is marked
    record Axis(String label, double from, double to, boolean logarithmic, List<Tick> ticks) {
        Axis {
            ticks = List.copyOf(ticks);
        }

        /// From 0 on, marked at about five round values.
        ///
        /// @param unit what marks are divided by, such as 1000 where the label says thousands
        static Axis upTo(String label, double most, double unit) {
            double raw = Math.max(most, unit * 1e-6) / 5;
            double ten = Math.pow(10, Math.floor(Math.log10(raw)));
            double factor = raw / ten;
            double tick = ten * (factor <= 1 ? 1 : factor <= 2 ? 2 : factor <= 5 ? 5 : 10);
            double to = Math.ceil(most / tick) * tick;
            List<Tick> ticks = new ArrayList<>();
            for (int i = 0; i * tick <= to * 1.0001; i++) {
                ticks.add(new Tick(i * tick, plain(i * tick / unit)));
            }
            return new Axis(label, 0, to, false, ticks);
        }

        private double place(double value) {
            double clamped = Math.clamp(value, Math.min(from, to), Math.max(from, to));
            return logarithmic
                    ? Math.log(clamped / from) / Math.log(to / from)
                    : (clamped - from) / (to - from);
        }
    }

    /// A mark.
    record Tick(double value, String label) {}

    Chart(String title, Axis x, Axis y) {
        this.title = title;
        this.x = x;
        this.y = y;
        for (Tick tick : x.ticks) {
            double at = across(tick.value);
            body.append(
                    segment(at, TOP, at, HEIGHT - BOTTOM, "#e4e4e4")
                            + text(at, HEIGHT - BOTTOM + 20, "middle", tick.label));
        }
        for (Tick tick : y.ticks) {
            double at = down(tick.value);
            body.append(
                    segment(LEFT, at, WIDTH - RIGHT, at, "#e4e4e4")
                            + text(LEFT - 8, at + 4, "end", tick.label));
        }
    }

    /// Values that are joined; those that are no numbers are left out.
    Chart line(String name, String colour, double[] xs, double[] ys) {
        name(name, colour);
        body.append("<path fill=\"none\" stroke-width=\"1.6\" stroke=\"" + colour + "\" d=\"");
        char command = 'M';
        for (int i = 0; i < xs.length; i++) {
            if (Double.isNaN(ys[i])) {
                command = 'M';
            } else {
                body.append(command).append(point(xs[i], ys[i]));
                command = 'L';
            }
        }
        body.append("\"/>\n");
        return this;
    }

    /// Values and all below them.
    Chart area(String name, String colour, double[] xs, double[] ys) {
        name(name, colour);
        body.append("<path stroke=\"none\" fill=\"" + colour + "\" d=\"M");
        body.append(point(xs[0], y.from));
        for (int i = 0; i < xs.length; i++) {
            body.append('L').append(point(xs[i], ys[i]));
        }
        body.append('L').append(point(xs[xs.length - 1], y.from)).append("Z\"/>\n");
        return this;
    }

    /// Values with the intervals in which they may be.
    Chart points(
            String name, String colour, double[] xs, double[] ys, double[] lows, double[] highs) {
        name(name, colour);
        for (int i = 0; i < xs.length; i++) {
            double at = across(xs[i]);
            body.append(segment(at, down(lows[i]), at, down(highs[i]), colour));
            body.append(
                    "<circle r=\"4.5\" cx=\"%s\" cy=\"%s\" fill=\"%s\"/>\n"
                            .formatted(decimal(at), decimal(down(ys[i])), colour));
        }
        return this;
    }

    /// The picture.
    String svg() {
        double middle = (TOP + HEIGHT - BOTTOM) / 2.0;
        return """
        <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" font-family="sans-serif" font-size="13">
        <rect width="100%%" height="100%%" fill="#ffffff"/>
        <text x="%d" y="28" font-size="17" font-weight="bold">%s</text>
        %s%s%s%s%s<text transform="translate(20 %s) rotate(-90)" text-anchor="middle">%s</text>
        </svg>
        """
                .formatted(
                        WIDTH,
                        HEIGHT,
                        LEFT,
                        escape(title),
                        legend,
                        body,
                        segment(LEFT, HEIGHT - BOTTOM, WIDTH - RIGHT, HEIGHT - BOTTOM, "#444444"),
                        segment(LEFT, TOP, LEFT, HEIGHT - BOTTOM, "#444444"),
                        text((LEFT + WIDTH - RIGHT) / 2.0, HEIGHT - 16, "middle", x.label),
                        decimal(middle),
                        escape(y.label));
    }

    private void name(String name, String colour) {
        legend.append(
                "<rect x=\"%d\" y=\"47\" width=\"14\" height=\"10\" fill=\"%s\"/>\n"
                        .formatted(legendAt, colour));
        legend.append(text(legendAt + 20, 57, "start", name));
        // Seven of a letter's 13 units are its usual width.
        legendAt += 48 + 7 * name.length();
    }

    private double across(double value) {
        return LEFT + x.place(value) * (WIDTH - LEFT - RIGHT);
    }

    private double down(double value) {
        return HEIGHT - BOTTOM - y.place(value) * (HEIGHT - TOP - BOTTOM);
    }

    private String point(double atX, double atY) {
        return decimal(across(atX)) + " " + decimal(down(atY));
    }

    private static String segment(double x1, double y1, double x2, double y2, String colour) {
        return "<path stroke=\"%s\" d=\"M%s %sL%s %s\"/>\n"
                .formatted(colour, decimal(x1), decimal(y1), decimal(x2), decimal(y2));
    }

    private static String text(double atX, double atY, String anchor, String text) {
        return "<text x=\"%s\" y=\"%s\" text-anchor=\"%s\">%s</text>\n"
                .formatted(decimal(atX), decimal(atY), anchor, escape(text));
    }

    private static String escape(String text) {
        return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
    }

    private static String decimal(double value) {
        return String.format(Locale.ROOT, "%.1f", value);
    }

    /// A number without needless zeros.
    private static String plain(double value) {
        return new java.math.BigDecimal(value)
                .round(new java.math.MathContext(6))
                .stripTrailingZeros()
                .toPlainString();
    }
}
