// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.cli.document;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.util.GregorianCalendar;
import java.util.List;
import org.apache.pdfbox.pdmodel.PDDocument;
import org.apache.pdfbox.pdmodel.PDPage;
import org.apache.pdfbox.pdmodel.PDPageContentStream;
import org.apache.pdfbox.pdmodel.PDPageContentStream.AppendMode;
import org.apache.pdfbox.pdmodel.common.PDRectangle;
import org.apache.pdfbox.pdmodel.font.PDFont;
import org.apache.pdfbox.pdmodel.font.PDType0Font;

/// A4 pages with lines of text and tables, from the top on; lengths are points of 1/72 inch.
final class Pages implements AutoCloseable {
    /// What lines and tables may be wide.
    static final float WIDTH = PDRectangle.A4.getWidth() - 2 * Pages.MARGIN;

    private static final float MARGIN = 50;
    private static final float FOOT = 30;
    private static final float LEADING = 1.4F;
    private static final float TABLE_SIZE = 8;
    private static final float CELL_GAP = 6;

    /// Part of PDFBox: Liberation Sans, under the SIL Open Font License.
    private static final String FONT =
            "/org/apache/pdfbox/resources/ttf/LiberationSans-Regular.ttf";

    private final String title;
    private final PDDocument document = new PDDocument();
    private final PDFont font;
    private PDPageContentStream page;
    private float y;

    /// A table's column.
    ///
    /// @param isNumber whether its texts are set to the right
    record Column(String title, float width, boolean isNumber) {}

    Pages(String title, Instant created) throws IOException {
        this.title = title;
        ZonedDateTime time = created.atZone(ZoneOffset.UTC);
        // The same papers are the same bytes.
        document.setDocumentId(created.toEpochMilli());
        document.getDocumentInformation().setTitle(title);
        document.getDocumentInformation().setCreator("Sparegrid");
        document.getDocumentInformation().setCreationDate(GregorianCalendar.from(time));
        try (InputStream stream = PDDocument.class.getResourceAsStream(FONT)) {
            if (stream == null) {
                throw new IOException("PDFBox: expected the font " + FONT);
            }
            font = PDType0Font.load(document, stream, true);
        }
        page = open();
    }

    /// A line of text; what does not fit is cut.
    void line(float size, String text) throws IOException {
        room(size * LEADING);
        y -= size * LEADING;
        write(page, size, MARGIN, y, fit(printable(text), size, WIDTH));
    }

    /// Empty space, unless the page ends there.
    void gap(float points) {
        y -= points;
    }

    /// A table; its titles stand on each of its pages.
    void table(List<Column> columns, List<List<String>> rows) throws IOException {
        List<String> titles = columns.stream().map(Column::title).toList();
        room(3 * TABLE_SIZE * LEADING);
        row(columns, titles);
        rule();
        for (List<String> row : rows) {
            if (room(TABLE_SIZE * LEADING)) {
                row(columns, titles);
                rule();
            }
            row(columns, row);
        }
    }

    /// The pages with their numbers, as a PDF file. Nothing can be added afterwards.
    byte[] toBytes() throws IOException {
        page.close();
        int number = 0;
        int count = document.getNumberOfPages();
        for (PDPage each : document.getPages()) {
            number++;
            try (PDPageContentStream foot =
                    new PDPageContentStream(document, each, AppendMode.APPEND, true, true)) {
                String text = title + " · page " + number + " of " + count;
                write(foot, TABLE_SIZE, MARGIN, FOOT, fit(printable(text), TABLE_SIZE, WIDTH));
            }
        }
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        document.save(out);
        return out.toByteArray();
    }

    @Override
    public void close() throws IOException {
        document.close();
    }

    private PDPageContentStream open() throws IOException {
        PDPage next = new PDPage(PDRectangle.A4);
        document.addPage(next);
        y = PDRectangle.A4.getHeight() - MARGIN;
        return new PDPageContentStream(document, next);
    }

    /// Begins a page if `height` does not fit on this one.
    private boolean room(float height) throws IOException {
        if (y - height >= MARGIN) {
            return false;
        }
        page.close();
        page = open();
        return true;
    }

    private void row(List<Column> columns, List<String> cells) throws IOException {
        y -= TABLE_SIZE * LEADING;
        float x = MARGIN;
        for (int i = 0; i < columns.size(); i++) {
            Column column = columns.get(i);
            float inside = column.width() - CELL_GAP;
            String text = fit(printable(cells.get(i)), TABLE_SIZE, inside);
            float left = column.isNumber() ? inside - width(text, TABLE_SIZE) : 0;
            write(page, TABLE_SIZE, x + left, y, text);
            x += column.width();
        }
    }

    private void rule() throws IOException {
        y -= 3;
        page.setLineWidth(0.5F);
        page.moveTo(MARGIN, y);
        page.lineTo(MARGIN + WIDTH, y);
        page.stroke();
    }

    private void write(PDPageContentStream to, float size, float left, float base, String text)
            throws IOException {
        to.beginText();
        to.setFont(font, size);
        to.newLineAtOffset(left, base);
        to.showText(text);
        to.endText();
    }

    private float width(String text, float size) throws IOException {
        return font.getStringWidth(text) / 1000 * size;
    }

    private String fit(String text, float size, float most) throws IOException {
        String rest = text;
        while (width(rest, size) > most) {
            rest = rest.substring(0, rest.offsetByCodePoints(rest.length(), -2)) + "…";
        }
        return rest;
    }

    /// The text with a question mark for each letter that the font lacks.
    private String printable(String text) throws IOException {
        StringBuilder all = new StringBuilder();
        for (int letter : text.codePoints().toArray()) {
            all.append(has(letter) ? Character.toString(letter) : "?");
        }
        return all.toString();
    }

    private boolean has(int letter) throws IOException {
        try {
            font.encode(Character.toString(letter));
            return true;
        } catch (IllegalArgumentException noGlyph) {
            return false;
        }
    }
}
