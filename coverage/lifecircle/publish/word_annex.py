"""The later chapters of a Word report: both bases, equity, circles, who is not reached, facilities, sources, faults."""

from __future__ import annotations

from typing import Any

from lifecircle.publish.word_parts import Report, add_heading, add_paragraph
from lifecircle.publish.word_tables import Cell, Head, add_table, verdict_runs

Row = dict[str, Any]


def add_reachable(report: Report) -> None:
    """Append floor area by territory beside floor area within reach; nothing where there is no such table."""
    found = report.values["reachable"]
    if found is None:
        return
    add_heading(report, report.word("reachable"), 1)
    add_paragraph(report, found["text"])
    heads = [Head(report.word("tier"), 2), *(Head(one, 2, number=True) for one in found["heads"])]
    rows = [[row["tier"], *(f"{n:,}" for n in row["counts"])] for row in found["tiers"]]
    add_table(report, found["rule"], heads, rows)
    if found["rows"]:
        both_heads = (report.word("territorial"), report.word("within_reach"))
        pairs = [head for one in both_heads for head in (Head(one, 2, number=True), Head(report.word("verdict"), 2))]
        add_table(
            report,
            found["title"],
            [Head(report.word("unit"), 4), *pairs],
            [_pair(report, row) for row in found["rows"]],
        )


def _pair(report: Report, row: Row) -> list[Cell]:
    own = verdict_runs(report, row["judged_id"], row["judged"])
    near = verdict_runs(report, row["reachable_judged_id"], row["reachable_judged"])
    return [row["name"], row["shown"], own, row["reachable"], near]


def add_equity(report: Report) -> None:
    """Append what groups of people get, outcome by outcome; nothing where there are no groups."""
    found = report.values["equity"]
    if found is None:
        return
    add_heading(report, report.word("equity"), 1)
    add_paragraph(report, found["text"])
    for outcome in found["outcomes"]:
        add_heading(report, outcome["name"], 2)
        add_paragraph(report, outcome["behind"])
        add_paragraph(report, outcome["unserved"])
        titles = (found["known"], *(report.word(key) for key in ("share", "gap_to_best", "part", "over")))
        rows = [_share_cells(report, name, row) for name, row in _groups(outcome)]
        add_table(report, outcome["name"], _group_heads(report, titles), rows)
    for amount in found["amounts"] or ():
        titles = (found["known"], *(report.word(key) for key in ("mean", "median", "gini")))
        rows = [_amount_cells(name, row) for name, row in _groups(amount)]
        add_table(report, amount["name"], _group_heads(report, titles), rows)


def _groups(part: Row) -> list[tuple[str, Row]]:
    return [(one["name"], row) for one in part["dimensions"] for row in one["groups"]]


def _group_heads(report: Report, titles: tuple[str, ...]) -> list[Head]:
    first = [Head(report.word("group_of"), 2), Head(report.word("group"), 2.4)]
    return first + [Head(title, 2.2, number=True) for title in titles]


def _share_cells(report: Report, name: str, row: Row) -> list[Cell]:
    if row["hidden"]:
        return [name, row["name"], [(row["hidden"], "Aside")], "", "", "", ""]
    best = f" ({report.word('best')})" if row["best"] else ""
    over = f"▲ {row['over']}" if row["over_sure"] else row["over"]
    return [name, row["name"], row["size"], row["share"] + best, row["gap"], row["part"], over]


def _amount_cells(name: str, row: Row) -> list[Cell]:
    if row["hidden"]:
        return [name, row["name"], [(row["hidden"], "Aside")], "", "", ""]
    return [name, row["name"], row["size"], row["mean"], row["median"], row["gini"]]


def add_circles(report: Report) -> None:
    """Append the circles that were made for the study; nothing where none were."""
    found = report.values["circles"]
    if found is None:
        return
    add_heading(report, report.word("circles"), 1)
    add_paragraph(report, found["objective"])
    add_paragraph(report, found["size"], "Quiet")
    keys = ("circle", "neighbourhoods", "households", "centre", "mean_walk", "size")
    numbers = {"neighbourhoods", "households", "mean_walk"}
    heads = [Head(report.word(key), 3 if key in {"circle", "centre"} else 2, number=key in numbers) for key in keys]
    rows: list[list[Cell]] = [
        [row["name"], str(row["n_neighbourhoods"]), row["households"], row["centre"], row["minutes"], row["range"]]
        for row in found["rows"]
    ]
    add_table(report, report.word("circles"), heads, rows)
    add_paragraph(report, found["adopting"])
    for what, how in found["steps"]:
        add_paragraph(report, f"{what}: {how}" if how else what, "ListBullet")


def add_unreached(report: Report) -> None:
    """Append the units with households that do not reach a kind of facility."""
    add_heading(report, report.word("unreached"), 1)
    found = report.values["unreached"]
    if not report.values["walks"]:
        add_paragraph(report, report.values["no_walks"])
        return
    keys = ("not_reached", "unknown", "households")
    heads = [
        Head(report.word("unit"), 3.4),
        Head(report.word("kind"), 4),
        *(Head(report.word(key), 2, number=True) for key in keys),
    ]
    rows = [[row["name"], row["kind"], *(row[key] for key in keys)] for row in found["rows"]]
    add_table(report, report.word("unreached"), heads, rows, left_out=found["left_out"])


def add_facilities(report: Report) -> None:
    """Append the ledger: every facility with where it counts, for how many m², or why not."""
    add_heading(report, report.word("facilities"), 1)
    found, later = report.values["facilities"], report.values["projected"]
    heads = [Head(report.word("facility"), 3.4), Head(report.word("kind"), 2.8), Head(report.word("unit"), 2.4)]
    heads += [Head(report.word(key), 1.8, number=True) for key in ("area", "counted")]
    heads += [Head(f"{report.values['by_date']} (m²)", 1.9, number=True)] if later else []
    heads.append(Head(report.word("ledger"), 4.6))
    rows = [_facility_cells(report, row) for row in found["rows"]]
    add_table(report, report.word("facilities"), heads, rows, left_out=found["left_out"])


def _facility_cells(report: Report, row: Row) -> list[Cell]:
    later = [row["projected_m2"]] if report.values["projected"] else []
    coming = f" {report.values['by_date']}: {row['projected']}" if row["projected"] else ""
    name: Cell = [(row["name"], ""), (f" {row['id']}", "Aside")]
    told: Cell = [(row["ledger"], ""), (coming, "Aside")]
    return [name, row["kind"], row["unit"] or "", row["area"], row["counted_m2"], *later, told]


def add_sources(report: Report) -> None:
    """Append how the figures came about, the standards, what is wrong with the inputs, and the manifest."""
    values = report.values
    add_heading(report, report.word("method"), 1)
    for paragraph in values["method"]:
        add_paragraph(report, paragraph, "ListBullet")
    add_heading(report, report.word("sources"), 1)
    for standard in values["standards"]:
        _add_standard(report, standard)
    add_heading(report, report.word("faults"), 1)
    _add_faults(report)
    add_heading(report, report.word("manifest"), 1)
    heads = [Head(report.word("file"), 3), Head(report.word("source"), 11)]
    add_table(report, report.word("manifest"), heads, values["manifest"])


def _add_standard(report: Report, standard: Row) -> None:
    add_heading(report, f"{standard['title']} · {standard['status']}", 2)
    number = standard["number"] if standard["number"] != standard["title"] else ""
    said = (number, standard["issuer"], standard["date"], standard["valid"], standard["scope"], standard["circle"])
    add_paragraph(report, " · ".join(one for one in said if one), "Quiet")
    add_paragraph(report, f"{report.word('source')}: {standard['source']}", "Quiet")
    if standard["rules"]:
        heads = [Head(report.word("requirement"), 8), Head(report.word("clause"), 4), Head(report.word("standing"), 3)]
        rows = [[rule["text"], rule["clause"], _standing(report, rule)] for rule in standard["rules"]]
        add_table(report, standard["title"], heads, rows)


def _standing(report: Report, rule: Row) -> Cell:
    aside = "" if rule["binds"] else f" ({report.word('for_reference')})"
    return [(rule["standing"], ""), (aside, "Aside")]


def _add_faults(report: Report) -> None:
    found = report.values["faults"]
    keys = {"severity": 1.5, "table": 2.6, "row": 1.2, "what": 5, "cure": 5, "households": 1.7}
    numbers = {"row", "households"}
    heads = [Head(report.word(key), share, number=key in numbers) for key, share in keys.items()]
    rows = [[row[key] for key in keys] for row in found["rows"]]
    add_table(report, report.word("faults"), heads, rows, left_out=found["left_out"])
