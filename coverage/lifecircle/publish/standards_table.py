"""What `lifecircle standards` prints: the standards that ship, or one of them rule by rule."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.padding import Padding
from rich.table import Table

from lifecircle.phrases import threshold_text
from lifecircle.standards import GAPS, CircleSize, Rule, Standard, load_standard, shipped_standards, standard_schema
from lifecircle.words import Lang, Words, both, shipped, term

Facts = list[tuple[str, str]]


def print_standards(name: str | Path | None, console: Console, *, lang: Lang = "zh") -> None:
    """Print the standards that ship, one line each; or the document and every rule of one.

    Raises
    ------
    StandardError
        There is no such standard, or its file is wrong.

    """
    if name is None:
        console.print(_listed(map(load_standard, shipped_standards()), lang))
        return
    standard = load_standard(name)
    console.print(f"[bold]{escape(_said(standard.title, lang))}[/]  {escape(standard.id)}")
    console.print(_facts(_of_document(standard, lang)))
    for rule in standard.rules:
        console.print()
        console.print(f"[bold]{escape(_said(rule.name, lang))}[/]  {escape(rule.id)}")
        console.print(_facts(_of_rule(standard, rule, lang)))


def standards_json(name: str | Path | None) -> str:
    """The standards that ship as JSON, or one of them with its rules; what is not given is left out."""
    if name is None:
        rows = [_summary(one) for one in map(load_standard, shipped_standards())]
        return json.dumps(rows, ensure_ascii=False, indent=2)
    one = load_standard(name)
    content = one.model_dump(mode="json", exclude_none=True) | ({"changes": list(one.changes)} if one.changes else {})
    return json.dumps(content, ensure_ascii=False, indent=2)


def schema_json() -> str:
    """The JSON schema of a standard's file, as data/standard.schema.json has it."""
    return json.dumps(standard_schema(), ensure_ascii=False, indent=2)


def _summary(one: Standard) -> dict[str, Any]:
    return {
        "id": one.id,
        "title": one.title.model_dump(),
        "status": one.status,
        "n_rules": len(one.rules),
        "source": one.source.model_dump(),
    }


def _listed(standards: Iterable[Standard], lang: Lang) -> Table:
    heads = ("id", "标准", "状态", "条款", "来源") if lang == "zh" else ("id", "standard", "status", "rules", "source")
    table = Table(show_lines=True)
    for head, justify in zip(heads, ("left", "left", "left", "right", "left"), strict=True):
        kept = head in heads[:1] + heads[2:4]
        table.add_column(head, justify=justify, no_wrap=kept, overflow="fold")  # type: ignore[arg-type]
    for one in standards:
        status = term("standing", one.status)[lang]
        cells = (one.id, _said(one.title, lang), status, str(len(one.rules)), _said(one.source, lang))
        table.add_row(*map(escape, cells))
    return table


def _facts(facts: Facts) -> Padding:
    """Label and value, one a line, what is empty left out; long values wrap under themselves."""
    grid = Table.grid(padding=(0, 2))
    grid.add_column(style="dim", no_wrap=True)
    grid.add_column(overflow="fold")
    for label, value in facts:
        if value:
            grid.add_row(label, escape(value))
    return Padding(grid, (0, 0, 0, 2), expand=False)


def _of_document(one: Standard, lang: Lang) -> Facts:
    zh = lang == "zh"
    start, end = (day.isoformat() if day else "" for day in (one.valid_from, one.valid_until))
    valid = "" if not start + end else f"{start or '…'} – {end or '…'}"
    marks = {"~": "改" if zh else "changed", "+": "增" if zh else "added", "-": "删" if zh else "dropped"}
    changes = "\n".join(f"{marks[line[0]]} {line[2:]}" for line in one.changes)
    return [
        ("文件" if zh else "document", one.document),
        ("文号" if zh else "number", one.number),
        ("发布" if zh else "issuer", one.issuer),
        ("日期" if zh else "date", one.date.isoformat() if one.date else ""),
        ("状态" if zh else "status", term("standing", one.status)[lang]),
        ("有效期" if zh else "valid", valid),
        ("适用" if zh else "scope", _said(one.scope, lang)),
        ("来源" if zh else "source", _said(one.source, lang)),
        ("片区规模" if zh else "circle", circle_text(one.circle)[lang]),
        ("基于" if zh else "extends", one.extends or ""),
        ("改动" if zh else "changes", changes),
    ]


def circle_text(size: CircleSize | None) -> Words:
    """How large a circle is to be: people, households, square kilometres; empty where nobody says.

    >>> circle_text(CircleSize(people=(50000, 100000), area_km2=3))["en"]
    '50,000–100,000 people, about 3 km²'
    """
    if size is None:
        return both("", "")
    spans = ((size.people, "人", "people"), (size.households, "户", "households"))
    zh = [f"{span[0]:,}–{span[1]:,}{word}" for span, word, _ in spans if span]
    en = [f"{span[0]:,}–{span[1]:,} {word}" for span, _, word in spans if span]
    if size.area_km2:
        zh.append(f"约 {size.area_km2:g} km²")
        en.append(f"about {size.area_km2:g} km²")
    return both(",".join(zh), ", ".join(en))


def _of_rule(standard: Standard, rule: Rule, lang: Lang) -> Facts:
    zh = lang == "zh"
    basis = "" if rule.of_rules or rule.limit_min or not rule.kinds else term("basis", rule.basis)[lang]
    where = term("urban_rural", rule.urban_rural)[lang] if rule.urban_rural else ""
    counted = [term("tier", rule.of_tier)[lang], " + ".join(rule.of_rules)] if rule.of_tier else []
    return [
        ("内容" if zh else "text", _said(rule.text, lang)),
        ("要求" if zh else "asks", _asked(rule, lang)),
        ("层级" if zh else "tiers", _dotted([_names("tier", rule.tiers, lang), where, basis])),
        ("计数" if zh else "counts", _dotted(counted)),
        ("类别" if zh else "kinds", _names("kind", rule.kinds, lang)),
        ("服务" if zh else "services", _names("service", rule.services, lang)),
        ("步行" if zh else "walk", _walk(rule, lang)),
        ("依据" if zh else "clause", standard.clause(rule)),
        ("状态" if zh else "status", _dotted([term("standing", standard.standing(rule))[lang], _target(rule, lang)])),
    ]


def _asked(rule: Rule, lang: Lang) -> str:
    """The measure with what it is held against, such as `per 100 households ≥ 35 m²`."""
    name = shipped("measures.toml")[rule.measure]["name"][lang]
    sign = {">=": "≥", "<=": "≤"}[rule.operator]
    if rule.value is None:
        return f"{name}:{'建议,未定数值' if lang == 'zh' else ' a recommendation without a number'}"
    unit = term("gap_in", GAPS[rule.measure]) if GAPS[rule.measure] else term("measured_in", rule.unit)
    unit = both("", "") if rule.unit.startswith("share") or rule.unit == "facilities" else unit
    least = both(f"每处不小于 {rule.least_m2:g} m²", f"each of at least {rule.least_m2:g} m²") if rule.least_m2 else {}
    advised = both("建议", "a recommendation") if rule.advisory else {}
    asked = f"{name} {sign} {threshold_text(rule)} {unit[lang]}".strip()
    return _dotted([asked, least.get(lang, ""), advised.get(lang, "")])


def _walk(rule: Rule, lang: Lang) -> str:
    if not rule.limit_min:
        return ""
    walk = f"{rule.limit_min:g} {'分钟' if lang == 'zh' else 'min'}"
    walker = shipped("walking.toml")["walkers"].get(rule.walker, {}).get(lang, rule.walker)
    return _dotted([walk, walker, rule.decay if rule.decay != "none" else ""])


def _target(rule: Rule, lang: Lang) -> str:
    due = rule.target_date.isoformat() if rule.target_date else str(rule.target_year or "")
    if not due:
        return ""
    return f"目标 {due}" if lang == "zh" else f"target {due}"


def _names(group: str, words: Sequence[str], lang: Lang) -> str:
    return ("、" if lang == "zh" else ", ").join(term(group, word)[lang] for word in words)


def _dotted(parts: Sequence[str]) -> str:
    return " · ".join(part for part in parts if part)


def _said(text: Any, lang: Lang) -> str:
    said: str = getattr(text, lang)
    return said
