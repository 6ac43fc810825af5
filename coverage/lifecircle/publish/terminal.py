"""The answer on a terminal: verdicts counted, who reaches what, what to ask for first."""

from __future__ import annotations

from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from lifecircle.publish.cards import households_text
from lifecircle.publish.circles import objective_text
from lifecircle.publish.payload import has_walks, report_title
from lifecircle.publish.placed import has_spread, marked, spread_note
from lifecircle.publish.sections import asking_text
from lifecircle.result import Result
from lifecircle.study import kind_name
from lifecircle.words import Lang, term

_ASKED = 3  # missing numbers that are named; the report has more
_VERDICTS = ("met", "unmet", "unknown", "not_applicable", "reference")
_STATES = ("reached", "not_reached", "unknown")


def print_result(result: Result, folder: Path, console: Console) -> None:
    """Print verdicts by rule and tier, households by what they reach, missing numbers, circles, where the report lies.

    What there is nothing of is left out: no table of walks where none were computed.
    """
    lang = result.study.study.language
    console.print(_verdicts(result, lang))
    if has_walks(result):
        console.print(_reach(result, lang))
    if has_spread(result):
        console.print(escape(spread_note(result)[lang]), highlight=False, soft_wrap=True)
    asked = result.missing.head(_ASKED).to_dict("records")
    if asked:
        console.print("先核实:" if lang == "zh" else "Missing numbers:", highlight=False)
    for row in asked:
        console.print(escape(f"  {asking_text(row)[lang]}"), highlight=False, soft_wrap=True)
    if result.circles is not None:
        console.print(objective_text(result.circles.objective)[lang], highlight=False)
    console.print(f"{'报告' if lang == 'zh' else 'report'}: {escape(str(folder / 'index.html'))}", soft_wrap=True)


def _verdicts(result: Result, lang: Lang) -> Table:
    names = {f"{one.id}/{rule.id}": rule.name.model_dump()[lang] for one in result.standards for rule in one.rules}
    table = Table(
        *(("条款", "层级") if lang == "zh" else ("rule", "tier")), title=escape(report_title(result.study)[lang])
    )
    for one in _VERDICTS:
        table.add_column(term("verdict", one)[lang], justify="right")
    titles, last = {one.id: one.title.model_dump()[lang] for one in result.standards}, ""
    for row in result.summary["rules"]:
        counts = [str(row["verdicts"][verdict] or "·") for verdict in _VERDICTS]
        rule = escape(names[f"{row['standard']}/{row['rule']}"])
        if len(result.standards) > 1 and row["standard"] != last:
            last = row["standard"]
            table.add_section()
            table.add_row(f"[bold]{escape(titles[last])}[/bold]")
        table.add_row(rule, term("tier", row["tier"])[lang], *counts)
    return table


def _reach(result: Result, lang: Lang) -> Table:
    heads = ("可达", "不可达", "无法判定") if lang == "zh" else ("reached", "not reached", "unknown")
    limit = f"{result.summary['walk']['limit_min']:g}"
    title = f"{limit} 分钟步行 · 户" if lang == "zh" else f"{limit}-minute walk · households"
    table = Table("类别" if lang == "zh" else "kind", title=title)
    for head in heads:
        table.add_column(head, justify="right")
    for kind, found in result.summary["reach"].items():
        table.add_row(escape(kind_name(result.study, kind)[lang]), *_counts(result, kind, found))
    return table


def _counts(result: Result, kind: str, found: dict[str, float]) -> list[str]:
    """Households by what they reach; a dash where none are known or the register has no facility of the kind."""
    there = (result.facilities["kind"] == kind).any() and result.summary["households"]["known"] > 0
    return [marked(households_text(found[state]), has_spread(result)) if there else "—" for state in _STATES]
