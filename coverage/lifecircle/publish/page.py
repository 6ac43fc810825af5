"""The report page: one HTML file with the answer, the map, every verdict and its reason."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template

from lifecircle.publish.method import NO_WALKS

Rows = list[Mapping[str, Any]]

ASSETS = Path(__file__).with_name("assets")
SECTIONS = (
    "answer", "map", "missing", "verdicts", "reachable", "equity", "circles", "facilities", "unreached",
    "faults", "standards", "method",
)  # fmt: skip
SIGNS = {"met": "✓", "unmet": "✕", "unknown": "?", "not_applicable": "–", "reference": "○"}
WORDS = {
    "answer": ("结论", "The answer"),
    "map": ("地图", "Map"),
    "verdicts": ("逐条判定", "Verdicts"),
    "missing": ("先核实这些数字", "Numbers to ask for"),
    "reachable": ("属地口径与步行可达口径", "Territory and reach"),
    "territorial": ("属地口径", "By territory"),
    "within_reach": ("步行可达口径", "Within reach"),
    "equity": ("公平", "Equity"),
    "group": ("组", "Group"),
    "group_of": ("分组", "By"),
    "share": ("比例", "Share"),
    "gap_to_best": ("差距(百分点)", "Gap (points)"),
    "part": ("占未获服务者", "Part of the unserved"),
    "over": ("偏高倍数", "Times over"),
    "best": ("最好", "best"),
    "mean": ("平均", "Mean"),
    "median": ("中位数", "Median"),
    "gini": ("基尼系数", "Gini"),
    "even": ("人人相同", "all alike"),
    "circles": ("划定的片区", "Circles"),
    "circle": ("片区", "Circle"),
    "centre": ("中心设施", "Centre"),
    "neighbourhoods": ("居村", "Neighbourhoods"),
    "mean_walk": ("平均步行(分钟)", "Mean walk (minutes)"),
    "size": ("规模", "Size"),
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
    "threshold": ("要求", "Needed"),
    "verdict": ("判定", "Verdict"),
    "gap": ("缺口", "Gap"),
    "closing": ("补足办法", "What would close it"),
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
    "standing": ("效力", "Standing"),
    "source": ("来源", "Source"),
    "reference": ("显示参考条款", "Show reference rules"),
    "for_reference": ("仅供参考", "for reference"),
    "all_standards": ("全部标准", "All standards"),
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
    rows, lang = report["verdict_rows"], report["lang"]
    words = {key: {"zh": zh, "en": en} for key, (zh, en) in WORDS.items()}
    lacking = {name for name in ("missing", "reachable", "equity", "circles") if report[name] is None}
    n_binding = sum(row["binds"] for row in rows)
    return _template().render(
        report=report,
        lang=lang,
        words=words,
        signs=SIGNS,
        map_html=map_html,
        sections=[one for one in SECTIONS if one not in lacking],
        no_walks=NO_WALKS,
        by_date={"zh": f"到 {report['projected']}", "en": f"by {report['projected']}"},
        by_standard=_by_standard(report["standards"], rows),
        n_binding=n_binding,
        n_reference=len(rows) - n_binding,
        standards=[(one["id"], one["title"]) for one in report["standards"]],
        tiers=_choices(rows, "tier_id", "tier"),
        verdicts=_choices(rows, "verdict_id", "verdict"),
        rules=_rules(report["standards"], rows),
        kinds=list({row["kind"][lang]: row["kind"] for row in report["unreached_rows"]}.items()),
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


def _by_standard(standards: Rows, rows: Rows) -> list[tuple[Mapping[str, Any], Rows]]:
    """Each standard that has verdicts, with them: what one standard says stands apart from the others."""
    found = [(one, [row for row in rows if row["standard"] == one["id"]]) for one in standards]
    return [(one, own) for one, own in found if own]


def _rules(standards: Rows, rows: Rows) -> list[tuple[Mapping[str, str], list[tuple[str, Any]]]]:
    """The rules to choose from, by standard, those that bind before those for reference."""
    groups: list[tuple[Mapping[str, str], list[tuple[str, Any]]]] = []
    for standard, own in _by_standard(standards, rows):
        zh, en = standard["title"]["zh"], standard["title"]["en"]
        for binds, title in ((True, {"zh": zh, "en": en}), (False, {"zh": f"参考:{zh}", "en": f"For reference: {en}"})):
            found = {f"{row['standard']}/{row['rule_id']}": row["rule"] for row in own if row["binds"] == binds}
            groups += [(title, list(found.items()))] if found else []
    return groups


def _choices(rows: Rows, key: str, text: str) -> list[tuple[str, Any]]:
    """Distinct values of a column with their words, in order of appearance."""
    found: dict[str, Any] = {}
    for row in rows:
        found.setdefault(row[key], row[text])
    return list(found.items())
