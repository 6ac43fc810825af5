"""What one header says: its word without marks, and the unit and the datum that it names."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from lifecircle.readers.numerals import MYRIAD

_BASE = r"m2|m\^2|平方米|平米|平方|平|sqm|亩|公顷|ha|hm2|平方公里|平方千米|km2|户|人|口|个|处|元|度|°|米|m|层|年"
_UNIT = rf"(?:单位:?)?(?P<myriad>万)?(?P<base>{_BASE})"
_BRACKETED = re.compile(rf"[(\[{{〔【<]{_UNIT}[)\]}}〕】>]")
_BEHIND = re.compile(rf"(?:[/,、:;]|(?<=[^\x00-\x7f](?!$))(?=万?(?:m2|m\^2|平方米|平米|sqm)$)){_UNIT}$")
_DATUM = re.compile(
    r"[_(\[【-]?(?P<datum>wgs-?_?84|cgcs-?2000|国家2000|大地2000|gcj-?_?02|火星|高德|bd-?_?09|百度)(?:坐标系?)?[_)\]】-]?"
)
_MARKS = re.compile(r"[(\[【]?(?:必填项?|选填|必选|可选|可空)[)\]】]?|[*★※]")
_UNSEEN = re.compile("[\x00-\x1f\x7f-\x9f\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff\ud800-\udfff]")
_DATUMS = {"wgs": "wgs84", "cgcs": "cgcs2000", "国": "cgcs2000", "大": "cgcs2000", "gcj": "gcj02", "火": "gcj02",
           "高": "gcj02", "bd": "bd09", "百": "bd09"}  # fmt: skip
_LAND = {"亩", "公顷", "ha", "hm2", "平方公里", "平方千米", "km2"}


@lru_cache(maxsize=4096)
def plain_header(header: str) -> str:
    """A header without spaces, line breaks and units, full-width characters made half-width.

    >>> plain_header("建筑面积（㎡）"), plain_header("*建筑面积/万平方米"), plain_header("经度(WGS84)")
    ('建筑面积', '建筑面积', '经度')
    """
    text = _BEHIND.sub("", _BRACKETED.sub("", _joined(header)))
    return _DATUM.sub("", text).rstrip(":,;、") or text


def header_factor(header: str) -> int:
    """What numbers below a header are to be multiplied with: 10,000 where it counts in 万.

    >>> header_factor("建筑面积(万㎡)"), header_factor("户数")
    (10000, 1)
    """
    found = _unit(header)
    return MYRIAD if found and found["myriad"] else 1


def unit_text(header: str) -> str:
    """The unit that a header names in brackets, as it is written there; empty where it names none.

    >>> unit_text("面积（万平方米）"), unit_text("租赁期限")
    ('（万平方米）', '')
    """
    found = re.search(r"[(\[{〔【<（［][^()（）]*[)\]}〕】>）］]", header)
    return found[0] if found and _BRACKETED.fullmatch(_joined(found[0])) else ""


def land_unit(header: str) -> str:
    """The unit of land that a header names, such as 亩 or 公顷; empty where it names none."""
    found = _unit(header)
    return found["base"] if found and found["base"] in _LAND else ""


def header_datum(header: str) -> str:
    """The datum that a header of coordinates names, as a study spells it; empty where it names none.

    >>> header_datum("lng_gcj02"), header_datum("经度(百度坐标)"), header_datum("经度")
    ('gcj02', 'bd09', '')
    """
    found = _DATUM.search(_joined(header))
    return next((name for start, name in _DATUMS.items() if found["datum"].startswith(start)), "") if found else ""


def _unit(header: str) -> re.Match[str] | None:
    text = _joined(header)
    return _BRACKETED.search(text) or _BEHIND.search(text)


def _joined(header: str) -> str:
    """A header in one piece, half-width and small, without marks of what must be filled in."""
    text = unicodedata.normalize("NFKC", _UNSEEN.sub("", "".join(str(header).split()))).lower()
    return _MARKS.sub("", "".join(text.split()))
