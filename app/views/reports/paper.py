"""A report on paper: a PDF of A4 pages whose table repeats its headings."""

from dataclasses import dataclass

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QLocale, QMarginsF, QRectF, QSizeF, Qt
from PySide6.QtGui import (
    QColor,
    QFont,
    QPageLayout,
    QPageSize,
    QPainter,
    QPdfWriter,
    QTextBlockFormat,
    QTextCharFormat,
    QTextCursor,
    QTextDocument,
    QTextFrameFormat,
    QTextLength,
    QTextTableCellFormat,
    QTextTableFormat,
)

from app.core.language import _
from app.models.domain.reports import Report
from app.views.theme.fonts import TEXT_FAMILY

_DOTS_PER_INCH = 300
_MARGIN_MM = 18
_FOOT_MM = 8
_TITLE, _BODY, _SMALL = 16, 9, 8  # points
_RULE = QColor("#9aa3ad")


@dataclass(frozen=True)
class Heading:
    """What stands above a report: whose it is, what it covers, and when and where it was made."""

    workspace: str
    period: str
    made: str


def pdf_of(report: Report, heading: Heading) -> bytes:
    """The report as PDF; may be called on any thread."""
    content = QByteArray()
    buffer = QBuffer(content)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    writer = QPdfWriter(buffer)
    writer.setResolution(_DOTS_PER_INCH)
    writer.setPageSize(QPageSize(QPageSize.PageSizeId.A4))
    margins = QMarginsF(_MARGIN_MM, _MARGIN_MM, _MARGIN_MM, _MARGIN_MM)
    writer.setPageMargins(margins, QPageLayout.Unit.Millimeter)
    writer.setTitle(report.title)
    writer.setCreator("Birthmark")
    document = QTextDocument()
    document.setDefaultFont(_font(_BODY))
    document.setDocumentMargin(0)
    document.documentLayout().setPaintDevice(writer)
    paper = writer.pageLayout().paintRectPixels(_DOTS_PER_INCH)
    foot = round(_FOOT_MM / 25.4 * _DOTS_PER_INCH)
    document.setPageSize(QSizeF(paper.width(), paper.height() - foot))
    _write(document, report, heading)
    _paint(document, writer, heading.workspace, foot)
    buffer.close()
    return bytes(content.data())


def _write(document: QTextDocument, report: Report, heading: Heading) -> None:
    cursor = QTextCursor(document)
    cursor.beginEditBlock()  # laid out once, not after each cell
    cursor.insertText(report.title, _letters(_TITLE, bold=True))
    for line in (heading.workspace, heading.period, heading.made):
        cursor.insertBlock()
        cursor.insertText(line, _letters(_BODY))
    cursor.insertBlock()
    rows = (report.columns, *report.rows, report.totals)
    table = cursor.insertTable(len(rows), len(report.columns), _table_format(report))
    for number, row in enumerate(rows):
        bold = number in (0, len(rows) - 1)
        for column, value in enumerate(row):
            place = table.cellAt(number, column)
            place.setFormat(_ruled())
            cell = place.firstCursorPosition()
            block = QTextBlockFormat()
            if isinstance(report.totals[column], int):
                block.setAlignment(Qt.AlignmentFlag.AlignRight)
            cell.setBlockFormat(block)
            text = QLocale().toString(value) if isinstance(value, int) else value
            cell.insertText(text, _letters(_BODY, bold=bold))
    cursor.endEditBlock()


def _table_format(report: Report) -> QTextTableFormat:
    table = QTextTableFormat()
    table.setHeaderRowCount(1)  # again on each page
    table.setBorderCollapse(True)
    table.setBorder(0)
    table.setCellPadding(3)
    table.setTopMargin(12)
    table.setWidth(QTextLength(QTextLength.Type.PercentageLength, 100))
    parts = [1 if isinstance(total, int) else 3 for total in report.totals]
    percentage = QTextLength.Type.PercentageLength
    table.setColumnWidthConstraints(
        [QTextLength(percentage, 100 * part / sum(parts)) for part in parts]
    )
    return table


def _ruled() -> QTextTableCellFormat:
    """A rule below the cell, and nothing else."""
    cell = QTextTableCellFormat()
    cell.setBottomBorder(0.5)
    cell.setBottomBorderStyle(QTextFrameFormat.BorderStyle.BorderStyle_Solid)
    cell.setBottomBorderBrush(_RULE)
    return cell


def _paint(document: QTextDocument, writer: QPdfWriter, workspace: str, foot: int) -> None:
    size, pages = document.pageSize(), document.pageCount()
    below = QRectF(0, size.height(), size.width(), foot)
    painter = QPainter(writer)
    for page in range(pages):
        if page:
            writer.newPage()
        painter.save()
        painter.translate(0, -page * size.height())
        document.drawContents(painter, QRectF(0, page * size.height(), *size.toTuple()))
        painter.restore()
        painter.setFont(_font(_SMALL))
        number = _("Page {page} of {pages}").format(page=page + 1, pages=pages)
        bottom = Qt.AlignmentFlag.AlignBottom
        painter.drawText(below, bottom | Qt.AlignmentFlag.AlignLeft, workspace)
        painter.drawText(below, bottom | Qt.AlignmentFlag.AlignRight, number)
    painter.end()


def _font(points: int) -> QFont:
    font = QFont(TEXT_FAMILY, points)
    # Glyphs chosen by what stands beside them cannot be copied from a PDF as what they mean.
    font.setFeature(QFont.Tag("calt"), 0)
    return font


def _letters(points: int, *, bold: bool = False) -> QTextCharFormat:
    letters = QTextCharFormat()
    letters.setForeground(QColor("black"))  # not what the theme has for text
    letters.setFontPointSize(points)
    letters.setFontWeight(QFont.Weight.DemiBold if bold else QFont.Weight.Normal)
    return letters
