"""Writes templates/reference.docx: the styles, the page and the footer that every Word report is printed with.

``python tools/make_reference.py`` rewrites the file; the same script gives the same bytes on any machine, for nothing is
compressed. An office restyles the file in Word or WPS: the renderer finds styles by their names, takes the page set-up
and the footer from the last section, and leaves the sample text out.
"""

from __future__ import annotations

import io
import sys
import zipfile
from pathlib import Path
from xml.sax.saxutils import escape, quoteattr

TARGET = Path(__file__).resolve().parent.parent / "templates" / "reference.docx"
W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
R = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
TYPE = "application/vnd.openxmlformats-officedocument"
HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'

# GB/T 9704-2012: A4, margins 37/35/28/26 mm. 22 lines in 225 mm give 579.8 twips a line: with 580 only 21 would fit.
# 28 characters in 156 mm have 15.79 pt each, 3号 has 16: the styles narrow it by 0.25 pt (NARROW). The usual character
# grid (linesAndChars, charSpace -842) does the same in Word, but LibreOffice misreads a negative charSpace and sets
# 14 to 17 characters a line.
PAGE = (
    '<w:pgSz w:w="11906" w:h="16838"/>'
    '<w:pgMar w:top="2098" w:right="1474" w:bottom="1984" w:left="1587" w:header="1134" w:footer="1426" w:gutter="0"/>'
    '<w:docGrid w:type="lines" w:linePitch="579"/>'
)
NARROW, FULL = '<w:spacing w:val="-5"/>', '<w:spacing w:val="0"/>'
LINE = 'w:line="579" w:lineRule="exact"'

SONG, FANG, KAI, HEI = "方正小标宋简体", "仿宋_GB2312", "楷体_GB2312", "黑体"
FONTS = (  # name, names to fall back on, family
    (SONG, "方正小标宋_GBK,小标宋,华文中宋,STZhongsong,宋体,SimSun", "script"),
    (FANG, "仿宋,FangSong,方正仿宋_GBK,方正仿宋简体,华文仿宋,STFangsong", "modern"),
    (KAI, "楷体,KaiTi,方正楷体_GBK,方正楷体简体,华文楷体,STKaiti", "modern"),
    (HEI, "SimHei,方正黑体_GBK,方正黑体简体,华文黑体,STHeiti", "modern"),
    ("宋体", "SimSun,方正书宋_GBK,华文宋体,STSong", "auto"),
)


def _rfonts(font: str, latin: str = "Times New Roman") -> str:
    return f'<w:rFonts w:ascii="{latin}" w:hAnsi="{latin}" w:eastAsia="{font}" w:cs="Times New Roman"/>'


def _size(half_points: int) -> str:
    return f'<w:sz w:val="{half_points}"/><w:szCs w:val="{half_points}"/>'


def _style(name: str, style_id: str, ppr: str, rpr: str = "", *, after: str = "", based: str = "Normal", custom: bool = False) -> str:
    """One paragraph style; ``after`` is the style of the paragraph that follows when someone types on."""
    mark = ' w:customStyle="1"' if custom else ""
    follows = f'<w:next w:val="{after}"/>' if after else ""
    base = f'<w:basedOn w:val="{based}"/>' if based else ""
    default = "" if based else ' w:default="1"'
    return (
        f'<w:style w:type="paragraph"{default}{mark} w:styleId="{style_id}"><w:name w:val="{name}"/>{base}{follows}'
        f"<w:qFormat/><w:pPr>{ppr}</w:pPr><w:rPr>{rpr}</w:rPr></w:style>"
    )


INDENT = '<w:ind w:firstLine="632" w:firstLineChars="200"/>'
OFF_GRID = '<w:snapToGrid w:val="0"/>'


def _table_text(name: str, style_id: str, half_points: int) -> str:
    line = round(half_points * 13)  # 1.3 times the size, in twips
    ppr = f'{OFF_GRID}<w:spacing w:line="{line}" w:lineRule="exact"/><w:jc w:val="center"/>'
    return _style(name, style_id, ppr, f"{FULL}{_size(half_points)}", custom=True)


STYLES = (
    _style("Normal", "Normal", f'<w:widowControl w:val="0"/><w:spacing {LINE}/><w:jc w:val="both"/>', f"{NARROW}{_size(32)}", based=""),
    _style(
        "Title", "Title",
        f'<w:keepNext/><w:keepLines/>{OFF_GRID}<w:spacing w:after="579" w:line="700" w:lineRule="exact"/>'
        '<w:jc w:val="center"/>',
        f"{_rfonts(SONG)}{FULL}{_size(44)}", after="ReportBody",
    ),
    _style(
        "heading 1", "Heading1", f'<w:keepNext/><w:keepLines/><w:spacing {LINE}/>{INDENT}<w:outlineLvl w:val="0"/>',
        _rfonts(HEI), after="ReportBody",
    ),
    _style(
        "heading 2", "Heading2", f'<w:keepNext/><w:keepLines/><w:spacing {LINE}/>{INDENT}<w:outlineLvl w:val="1"/>',
        _rfonts(KAI), after="ReportBody",
    ),
    _style("报告正文", "ReportBody", INDENT, custom=True),
    _table_text("表格文字（小四）", "TableTextLarge", 24),
    _table_text("表格文字（五号）", "TableTextMedium", 21),
    _table_text("表格文字（小五）", "TableTextSmall", 18),
    _table_text("表格文字（六号）", "TableTextLeast", 15),
    _style("表注", "TableNote", f'{OFF_GRID}<w:spacing w:before="60" w:line="320" w:lineRule="exact"/>', f"{FULL}{_size(21)}", custom=True),
    # A picture needs a line as high as itself: an exact one would cut it off.
    _style("图", "Picture", f'<w:keepNext/>{OFF_GRID}<w:spacing w:before="160" w:line="240" w:lineRule="auto"/><w:jc w:val="center"/>', FULL, custom=True),
    _style("图题", "PictureCaption", f'{OFF_GRID}<w:spacing w:before="80" w:after="160" w:line="320" w:lineRule="exact"/><w:jc w:val="center"/>',
           f"{_rfonts(HEI)}{FULL}{_size(21)}", custom=True),
    _style("落款", "Signature1", '<w:keepLines/><w:ind w:right="1264" w:rightChars="400"/><w:jc w:val="right"/>', custom=True),
    _style("联系方式", "Contact", f'{INDENT}<w:jc w:val="left"/>', custom=True),
    _style("校验发现", "FindingText", f'{OFF_GRID}<w:spacing w:before="80" w:line="400" w:lineRule="exact"/><w:jc w:val="left"/>', f"{FULL}{_size(24)}", custom=True),
    _style("草稿标记", "DraftMark", '<w:spacing w:line="700" w:lineRule="exact"/><w:jc w:val="center"/>',
           f'{_rfonts(HEI)}<w:spacing w:val="200"/>{_size(52)}', custom=True),
    # Outside, one character of 4号 from the edge: odd pages right, even pages left.
    _style("footer", "Footer", f'{OFF_GRID}<w:spacing w:line="360" w:lineRule="exact"/><w:ind w:right="280"/><w:jc w:val="right"/>',
           f"{_rfonts('宋体', '宋体')}{FULL}{_size(28)}"),
    _style("偶数页页脚", "FooterEven", '<w:ind w:left="280" w:right="0"/><w:jc w:val="left"/>', based="Footer", custom=True),
)  # fmt: skip

TABLE_STYLES = (
    '<w:style w:type="table" w:default="1" w:styleId="TableNormal"><w:name w:val="Normal Table"/><w:uiPriority w:val="99"/>'
    '<w:semiHidden/><w:unhideWhenUsed/><w:tblPr><w:tblInd w:w="0" w:type="dxa"/><w:tblCellMar><w:top w:w="0" w:type="dxa"/>'
    '<w:left w:w="108" w:type="dxa"/><w:bottom w:w="0" w:type="dxa"/><w:right w:w="108" w:type="dxa"/></w:tblCellMar>'
    "</w:tblPr></w:style>"
    '<w:style w:type="table" w:customStyle="1" w:styleId="ReportTable"><w:name w:val="统计表"/><w:basedOn w:val="TableNormal"/>'
    "<w:qFormat/><w:tblPr><w:tblBorders>"
    + "".join(
        f'<w:{side} w:val="single" w:sz="4" w:space="0" w:color="000000"/>'
        for side in ("top", "left", "bottom", "right", "insideH", "insideV")
    )
    + "</w:tblBorders></w:tblPr></w:style>"
)

DEFAULTS = (
    f"<w:docDefaults><w:rPrDefault><w:rPr>{_rfonts(FANG)}"
    f'{_size(32)}<w:lang w:val="en-US" w:eastAsia="zh-CN" w:bidi="ar-SA"/></w:rPr></w:rPrDefault><w:pPrDefault/></w:docDefaults>'
)


def _styles() -> str:
    return f'{HEAD}<w:styles xmlns:w="{W}">{DEFAULTS}{"".join(STYLES)}{TABLE_STYLES}</w:styles>'


def _settings() -> str:
    compatibility = "".join(
        f'<w:compatSetting w:name="{name}" w:uri="http://schemas.microsoft.com/office/word" w:val="{value}"/>'
        for name, value in (("compatibilityMode", 15), ("overrideTableStyleFontSizeAndJustification", 1))
    )
    return (
        f'{HEAD}<w:settings xmlns:w="{W}"><w:zoom w:percent="100"/><w:bordersDoNotSurroundHeader/>'
        '<w:bordersDoNotSurroundFooter/><w:defaultTabStop w:val="632"/><w:evenAndOddHeaders/><w:drawingGridVerticalSpacing w:val="579"/>'
        '<w:characterSpacingControl w:val="compressPunctuation"/><w:compat><w:spaceForUL/>'
        "<w:balanceSingleByteDoubleByteWidth/><w:doNotLeaveBackslashAlone/><w:ulTrailSpace/><w:doNotExpandShiftReturn/>"
        f'<w:useFELayout/>{compatibility}</w:compat><w:themeFontLang w:val="en-US" w:eastAsia="zh-CN"/></w:settings>'
    )


def _font_table() -> str:
    fonts = "".join(
        f'<w:font w:name="{name}"><w:altName w:val={quoteattr(others)}/><w:charset w:val="86"/>'
        f'<w:family w:val="{family}"/><w:pitch w:val="variable"/></w:font>'
        for name, others, family in FONTS
    )
    roman = '<w:font w:name="Times New Roman"><w:charset w:val="00"/><w:family w:val="roman"/><w:pitch w:val="variable"/></w:font>'
    return f'{HEAD}<w:fonts xmlns:w="{W}">{roman}{fonts}</w:fonts>'


def _footer(style: str) -> str:
    def run(inner: str) -> str:
        return f'<w:r><w:rPr><w:rFonts w:hint="eastAsia"/></w:rPr>{inner}</w:r>'

    page = "".join(
        run(part)
        for part in (
            '<w:t xml:space="preserve">— </w:t>',
            '<w:fldChar w:fldCharType="begin"/>',
            '<w:instrText xml:space="preserve"> PAGE </w:instrText>',
            '<w:fldChar w:fldCharType="separate"/>',
            "<w:t>1</w:t>",
            '<w:fldChar w:fldCharType="end"/>',
            '<w:t xml:space="preserve"> —</w:t>',
        )
    )
    return f'{HEAD}<w:ftr xmlns:w="{W}"><w:p><w:pPr><w:pStyle w:val="{style}"/></w:pPr>{page}</w:p></w:ftr>'


SAMPLE = (  # a line of each style, so that they can be seen and changed in Word
    ("Title", "标题：2号小标宋"), ("ReportBody", "正文：3号仿宋，每面22行，每行28字。改动样式后保存，报告即照此排版；样文不会印出。"),
    ("Heading1", "一、一级标题：黑体"), ("Heading2", "（一）二级标题：楷体"), ("TableTextLarge", "表格文字（小四）"),
    ("TableTextMedium", "表格文字（五号）"), ("TableTextSmall", "表格文字（小五）"), ("TableTextLeast", "表格文字（六号）"), ("TableNote", "注：表注"),
    ("Picture", "图"), ("PictureCaption", "图题"),
    ("Signature1", "落款"), ("Contact", "联系方式"), ("FindingText", "校验发现"), ("DraftMark", "草稿"),
)  # fmt: skip


def _document() -> str:
    body = "".join(
        f'<w:p><w:pPr><w:pStyle w:val="{style}"/></w:pPr><w:r><w:t>{escape(text)}</w:t></w:r></w:p>' for style, text in SAMPLE
    )
    section = f'<w:sectPr><w:footerReference w:type="default" r:id="rId4"/><w:footerReference w:type="even" r:id="rId5"/>{PAGE}</w:sectPr>'
    return f'{HEAD}<w:document xmlns:w="{W}" xmlns:r="{R}"><w:body>{body}{section}</w:body></w:document>'


def _relationships(*entries: tuple[str, str]) -> str:
    lines = "".join(
        f'<Relationship Id="rId{n}" Type="{kind}" Target="{target}"/>' for n, (kind, target) in enumerate(entries, 1)
    )
    return f'{HEAD}<Relationships xmlns="{PACKAGE}/relationships">{lines}</Relationships>'


def _content_types() -> str:
    parts = {
        "word/document.xml": f"{TYPE}.wordprocessingml.document.main+xml",
        "word/styles.xml": f"{TYPE}.wordprocessingml.styles+xml",
        "word/settings.xml": f"{TYPE}.wordprocessingml.settings+xml",
        "word/fontTable.xml": f"{TYPE}.wordprocessingml.fontTable+xml",
        "word/footer1.xml": f"{TYPE}.wordprocessingml.footer+xml",
        "word/footer2.xml": f"{TYPE}.wordprocessingml.footer+xml",
        "docProps/core.xml": "application/vnd.openxmlformats-package.core-properties+xml",
        "docProps/app.xml": f"{TYPE}.extended-properties+xml",
    }
    overrides = "".join(f'<Override PartName="/{name}" ContentType="{kind}"/>' for name, kind in parts.items())
    return (
        f'{HEAD}<Types xmlns="{PACKAGE}/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Default Extension="xml" ContentType="application/xml"/>{overrides}</Types>'
    )


def _core() -> str:
    date = "1980-01-01T00:00:00Z"
    return (
        f'{HEAD}<cp:coreProperties xmlns:cp="{PACKAGE}/metadata/core-properties" xmlns:dcterms="http://purl.org/dc/terms/" '
        'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">'
        f'<dcterms:created xsi:type="dcterms:W3CDTF">{date}</dcterms:created>'
        f'<dcterms:modified xsi:type="dcterms:W3CDTF">{date}</dcterms:modified></cp:coreProperties>'
    )


def _app() -> str:
    kind = "http://schemas.openxmlformats.org/officeDocument/2006/extended-properties"
    return f'{HEAD}<Properties xmlns="{kind}"><Application>xl2report</Application></Properties>'


def reference() -> bytes:
    """The bytes of templates/reference.docx."""
    parts = {
        "[Content_Types].xml": _content_types(),
        "_rels/.rels": _relationships(
            (f"{R}/officeDocument", "word/document.xml"),
            (f"{PACKAGE}/relationships/metadata/core-properties", "docProps/core.xml"),
            (f"{R}/extended-properties", "docProps/app.xml"),
        ),
        "word/document.xml": _document(),
        "word/_rels/document.xml.rels": _relationships(
            (f"{R}/styles", "styles.xml"),
            (f"{R}/settings", "settings.xml"),
            (f"{R}/fontTable", "fontTable.xml"),
            (f"{R}/footer", "footer1.xml"),
            (f"{R}/footer", "footer2.xml"),
        ),
        "word/styles.xml": _styles(),
        "word/settings.xml": _settings(),
        "word/fontTable.xml": _font_table(),
        "word/footer1.xml": _footer("Footer"),
        "word/footer2.xml": _footer("FooterEven"),
        "docProps/core.xml": _core(),
        "docProps/app.xml": _app(),
    }
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as package:
        for name, text in parts.items():
            entry = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            entry.create_system = 0  # the same bytes on Windows and elsewhere
            package.writestr(entry, text.encode())
    return out.getvalue()


if __name__ == "__main__":
    TARGET.write_bytes(reference())
    sys.stdout.write(f"{TARGET}\n")
