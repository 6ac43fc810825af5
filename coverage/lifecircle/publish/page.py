"""The report page: one HTML file with the answer, the map, every verdict and its reason."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template

ASSETS = Path(__file__).with_name("assets")
SIGNS = {"met": "✓", "unmet": "✕", "unknown": "?", "not_applicable": "–", "reference": "○"}
WORDS = {
    "answer": ("结论", "The answer"),
    "map": ("地图", "Map"),
    "verdicts": ("逐条判定", "Verdicts"),
    "reasons": ("判定依据", "Reasons"),
    "facilities": ("设施台账", "Facilities"),
    "unreached": ("步行不可达", "Not reached"),
    "faults": ("数据问题", "Data faults"),
    "standards": ("标准与条款", "Standards"),
    "method": ("方法", "Method"),
    "manifest": ("运行记录", "Manifest"),
    "unit": ("单元", "Unit"),
    "tier": ("层级", "Tier"),
    "rule": ("条款", "Rule"),
    "value": ("数值", "Figure"),
    "bounds": ("区间", "bounds"),
    "threshold": ("要求", "Needed"),
    "verdict": ("判定", "Verdict"),
    "gap": ("缺口", "Gap"),
    "facility": ("设施", "Facility"),
    "kind": ("类别", "Kind"),
    "area": ("建筑面积(m²)", "Floor area (m²)"),
    "counted": ("计入(m²)", "Counted (m²)"),
    "ledger": ("记录", "Ledger"),
    "households": ("户数", "Households"),
    "not_reached": ("不可达(户)", "Not reached (households)"),
    "unknown": ("无法判定(户)", "Unknown (households)"),
    "severity": ("程度", "Severity"),
    "table": ("数据表", "Table"),
    "row": ("行", "Row"),
    "what": ("问题", "What is wrong"),
    "cure": ("如何改正", "What to do"),
    "clause": ("条文", "Clause"),
    "requirement": ("要求", "Requirement"),
    "all_tiers": ("全部层级", "All tiers"),
    "all_verdicts": ("全部判定", "All verdicts"),
    "all_rules": ("全部条款", "All rules"),
    "all_kinds": ("全部类别", "All kinds"),
    "search": ("查找…", "Search …"),
    "no_rows": ("没有", "None"),
    "date": ("数据日期", "Data as of"),
    "full_screen": ("全屏", "Full screen"),
    "open_all": ("全部展开", "Open all"),
    "close_all": ("全部收起", "Close all"),
    "print": ("打印", "Print"),
    "sections": ("章节", "Sections"),
    "language": ("语言", "Language"),
}


def page_html(report: Mapping[str, Any], map_html: str) -> str:
    """The report as the text of one HTML file that loads nothing.

    Parameters
    ----------
    report
        The result as plain values, every text in Chinese and English.
    map_html
        The page of the map, kept whole in a frame.

    Returns
    -------
    str
        The same text for the same arguments.
    """
    words = {key: {"zh": zh, "en": en} for key, (zh, en) in WORDS.items()}
    return _template().render(
        report=report,
        lang=report["lang"],
        words=words,
        signs=SIGNS,
        map_html=map_html,
        reasons=_by_unit(report["verdict_rows"]),
        tiers=_choices(report["verdict_rows"], "tier_id", "tier"),
        verdicts=_choices(report["verdict_rows"], "verdict_id", "verdict"),
        rules=_choices(report["verdict_rows"], "rule_id", "rule"),
        kinds=list({row["kind"][report["lang"]]: row["kind"] for row in report["unreached_rows"]}.items()),
        style=(ASSETS / "page.css").read_text(encoding="utf-8"),
        script=(ASSETS / "page.js").read_text(encoding="utf-8"),
    )


@cache
def _template() -> Template:
    """The template of the page; whatever it prints is escaped."""
    environment = Environment(
        loader=FileSystemLoader(ASSETS),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    return environment.get_template("page.html")


def _by_unit(rows: list[Mapping[str, Any]]) -> list[tuple[Mapping[str, Any], list[Mapping[str, Any]]]]:
    """Each unit's first row with all of its rows, units in order of appearance."""
    found: dict[str, list[Mapping[str, Any]]] = {}
    for row in rows:
        found.setdefault(row["unit_id"], []).append(row)
    return [(same[0], same) for same in found.values()]


def _choices(rows: list[Mapping[str, Any]], key: str, text: str) -> list[tuple[str, Any]]:
    """Distinct values of a column with their words, in order of appearance."""
    found: dict[str, Any] = {}
    for row in rows:
        found.setdefault(row[key], row[text])
    return list(found.items())
