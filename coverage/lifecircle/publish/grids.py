"""Which columns the tables of the page have."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lifecircle.publish.page_packing import Column, Grid
from lifecircle.words import Words, both

Row = Mapping[str, Any]
Report = Mapping[str, Any]


def grids_of(report: Report) -> dict[str, Grid]:
    """Every table of the page that is sorted, filtered and searched, by the section that it stands in."""
    found = {
        "units": _units(report),
        "verdicts": _verdicts(report),
        "facilities": _facilities(report),
        "unreached": _unreached(report),
        "faults": _faults(report),
    }
    return found | ({"reachable": _reachable(report)} if report["reachable"] else {})


def by_unit(rows: list[Row], report: Report) -> list[Row]:
    """Verdicts unit by unit, in the order of the units; those of one unit stay as they were."""
    order = {row["unit_id"]: n for n, row in enumerate(report["unit_rows"])}
    return sorted(rows, key=lambda row: order[row["unit_id"]])


def _units(report: Report) -> Grid:
    columns = (
        Column("unit_id", "unit", "unit"),
        Column("tier_id", "tier", "tier"),
        Column("parent_id", "parent", "unit"),
        Column("households", "households", "number"),
        Column("shown", report["lead_rule"] if report["lead_rule"]["zh"] else "value", "number"),
        Column("verdict_id", "verdict", "chip"),
        Column("gap", "gap", "gap"),
        Column("n_unmet", "n_unmet", "count"),
        Column("n_unknown", "n_unknown", "count"),
    )
    return Grid(columns, report["unit_rows"], ("name",))


def _verdicts(report: Report) -> Grid:
    rows = [row | {"rule_key": f"{row['standard']}/{row['rule_id']}"} for row in report["verdict_rows"]]
    places = {id(row): n for n, row in enumerate(by_unit(rows, report))}
    rows = [row | {"place": places[id(row)]} for row in rows]
    columns = [
        Column("unit_id", "unit", "unit"),
        Column("tier_id", "tier", "tier", on_phone=False),
        Column("rule", "rule", small="basis"),
        Column("shown", "value", "number", small="edge"),
        Column("threshold", "threshold", "number", small="measured_in", on_phone=False),
        Column("verdict_id", "verdict", "chip"),
        Column("gap", "gap", "gap", small="short"),
        Column("closing", "closing", "closing", on_phone=False),
    ]
    if report["projected"]:
        later = both(f"到 {report['projected']}", f"by {report['projected']}")
        columns.insert(7, Column("projected", later, "projected", on_phone=False))
    return Grid(tuple(columns), rows, ("name", "standard", "rule_key", "binds", "projected_id", "place"))


def _facilities(report: Report) -> Grid:
    day = report["projected"]
    rows = [
        row | {"place": place, "projected": _by(day, row["projected"])}
        for row, place in zip(report["facility_rows"], report["facility_places"], strict=True)
    ]
    columns = [
        Column("name", "facility", "named", small="id"),
        Column("kind", "kind"),
        Column("unit", "unit", "unit"),
        Column("area", "area", "number"),
        Column("counted_m2", "counted", "number"),
        Column("ledger", "ledger", small="projected"),
    ]
    if report["projected"]:
        later = both(f"到 {report['projected']} (m²)", f"by {report['projected']} (m²)")
        columns.insert(5, Column("projected_m2", later, "number"))
    return Grid(tuple(columns), rows, ("serves", "counted", "place"))


def _by(day: str, said: Words) -> Words:
    """What a ledger says of the later day, with that day before it; empty where it says the same."""
    return both(f"到 {day}:{said['zh']}", f"By {day}: {said['en']}") if said["zh"] else said


def _unreached(report: Report) -> Grid:
    columns = (
        Column("unit_id", "unit", "unit"),
        Column("kind", "kind"),
        Column("not_reached", "not_reached", "number"),
        Column("unknown", "unknown", "number"),
        Column("households", "households", "number"),
    )
    return Grid(columns, report["unreached_rows"], ("name",))


def _faults(report: Report) -> Grid:
    columns = (
        Column("severity", "severity"),
        Column("table", "table"),
        Column("row", "row", "number"),
        Column("what", "what"),
        Column("cure", "cure"),
        Column("households", "households", "number"),
    )
    return Grid(columns, report["fault_rows"])


def _reachable(report: Report) -> Grid:
    columns = (
        Column("unit_id", "unit", "unit"),
        Column("shown", "territorial", "number"),
        Column("judged_id", "verdict", "chip"),
        Column("reachable", "within_reach", "number"),
        Column("reachable_judged_id", "verdict", "chip"),
    )
    return Grid(columns, report["reachable"]["rows"], ("name",))
