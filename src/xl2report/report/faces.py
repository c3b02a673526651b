"""The faces that GB/T 9704-2012 asks for, by the part of the page, and what may stand in for each.

None of the standard's faces may be handed on with the program. Each list begins with them and goes on with free ones;
Noto Serif SC and Noto Sans SC, which come in a package, are behind every list.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, NamedTuple, TypeAlias, get_args

from xl2report.form.model import Words

Role: TypeAlias = Literal["title", "body", "heading", "subheading", "number", "latin"]
ROLES: tuple[Role, ...] = get_args(Role)
SERIF, SANS = "Noto Serif SC", "Noto Sans SC"


class Face(NamedTuple):
    """A face as fonts name it: its families, its file names in small letters, and whether the standard means it."""

    families: tuple[str, ...]
    files: tuple[str, ...]
    official: bool = True


# Family names are those inside the files (English and Chinese), file names those that Windows, WPS, Founder, macOS, TeX
# and Debian give them. Fandol, LXGW WenKai and Liberation were looked into; the others are from published listings.
# A file is only a candidate by its name: what counts is the family that it turns out to hold.
FACES: Mapping[Role, tuple[Face, ...]] = {
    "title": (
        Face(("FZXiaoBiaoSong-B05S", "方正小标宋简体"), ("fzxbsjw.ttf", "fzxbsjw--gb1-0.ttf", "方正小标宋简体.ttf")),
        Face(("FZXiaoBiaoSong-B05", "方正小标宋_GBK"), ("fzxbsk.ttf", "fzxbsk--gbk1-0.ttf", "方正小标宋_gbk.ttf")),
        Face(("FZDocXiaoBiaoSong", "方正公文小标宋"), ("fzxbs_document.ttf", "方正公文小标宋.ttf")),
        Face(("STZhongsong", "华文中宋"), ("stzhongs.ttf", "stzhongsong.ttf"), official=False),
    ),
    "body": (
        Face(("FangSong_GB2312", "仿宋_GB2312"), ("simfang_gb2312.ttf", "fangsong_gb2312.ttf", "仿宋_gb2312.ttf")),
        Face(("FangSong", "仿宋"), ("simfang.ttf", "fangsong.ttf", "仿宋.ttf", "仿宋体.ttf")),
        Face(("FZFangSong-Z02", "方正仿宋_GBK"), ("fzfsk.ttf", "fzfsk--gbk1-0.ttf", "方正仿宋_gbk.ttf")),
        Face(("FZFangSong-Z02S", "方正仿宋简体"), ("fzfsjw.ttf", "fzfsjw--gb1-0.ttf", "方正仿宋简体.ttf")),
        Face(("FZDocFangSong", "方正公文仿宋"), ("fzfs_document.ttf", "方正公文仿宋.ttf")),
        Face(("STFangsong", "华文仿宋"), ("stfangso.ttf", "stfangsong.ttf"), official=False),
        Face(("Zhuque Fangsong (technical preview)", "朱雀仿宋"), ("zhuquefangsong-regular.ttf",), official=False),
        Face(("FandolFang R", "FandolFang"), ("fandolfang-regular.otf",), official=False),
    ),
    "heading": (
        Face(("SimHei", "黑体"), ("simhei.ttf", "黑体.ttf")),
        Face(("FZHei-B01", "方正黑体_GBK"), ("fzhtk.ttf", "fzhtk--gbk1-0.ttf", "方正黑体_gbk.ttf")),
        Face(("FZHei-B01S", "方正黑体简体"), ("fzhtjw.ttf", "fzhtjw--gb1-0.ttf", "方正黑体简体.ttf")),
        Face(("FZDocHei", "方正公文黑体"), ("fzht_document.ttf", "方正公文黑体.ttf")),
        Face(("Heiti SC", "STHeiti", "华文黑体"), ("stheiti medium.ttc", "stheiti.ttf"), official=False),
        Face(("FandolHei",), ("fandolhei-regular.otf",), official=False),
    ),
    "subheading": (
        Face(("KaiTi_GB2312", "楷体_GB2312"), ("simkai_gb2312.ttf", "kaiti_gb2312.ttf", "楷体_gb2312.ttf")),
        Face(("KaiTi", "楷体"), ("simkai.ttf", "kaiti.ttf", "楷体.ttf")),
        Face(("FZKai-Z03", "方正楷体_GBK"), ("fzktk.ttf", "fzktk--gbk1-0.ttf", "方正楷体_gbk.ttf")),
        Face(("FZKai-Z03S", "方正楷体简体"), ("fzktjw.ttf", "fzktjw--gb1-0.ttf", "方正楷体简体.ttf")),
        Face(("FZDocKai", "方正公文楷体"), ("fzkt_document.ttf", "方正公文楷体.ttf")),
        Face(("STKaiti", "华文楷体", "Kaiti SC"), ("stkaiti.ttf", "kaiti.ttc"), official=False),
        Face(("LXGW WenKai GB", "霞鹜文楷 GB"), ("lxgwwenkaigb-regular.ttf",), official=False),
        Face(("LXGW WenKai", "霞鹜文楷"), ("lxgwwenkai-regular.ttf",), official=False),
        Face(("FandolKai",), ("fandolkai-regular.otf",), official=False),
    ),
    "number": (
        Face(("SimSun", "宋体"), ("simsun.ttc", "simsun.ttf", "宋体.ttf")),
        Face(("STSong", "华文宋体", "Songti SC"), ("stsong.ttf", "songti.ttc"), official=False),
        Face(("FandolSong",), ("fandolsong-regular.otf",), official=False),
    ),
    "latin": (
        Face(("Times New Roman",), ("times.ttf", "times new roman.ttf", "times_new_roman.ttf")),
        Face(("Liberation Serif",), ("liberationserif-regular.ttf",), official=False),
    ),
}
ASKED: Mapping[Role, tuple[Words, Words]] = {  # the part of the page, and the face that the standard names
    "title": (Words("标题", "title"), Words("方正小标宋简体", "FZXiaoBiaoSong (方正小标宋简体)")),
    "body": (Words("正文、表格", "text, tables"), Words("仿宋_GB2312", "FangSong (仿宋_GB2312)")),
    "heading": (Words("一级标题", "first headings"), Words("黑体", "SimHei (黑体)")),
    "subheading": (Words("二级标题", "second headings"), Words("楷体_GB2312", "KaiTi (楷体_GB2312)")),
    "number": (Words("页码", "page numbers"), Words("宋体", "SimSun (宋体)")),
    "latin": (Words("西文、数字", "Latin, digits"), Words("Times New Roman", "Times New Roman")),
}
