"""The program agrees with a workbook in which 12 neighbourhoods were worked out by hand, cell by cell."""

from __future__ import annotations

import math

import pandas as pd
import pytest

from lifecircle.flow import assess_tables
from lifecircle.result import Result
from lifecircle.standards import load_standard
from read_workbook import HandTown, expected, hand_town
from test_comply import rule, standard
from towns import tables_of, toy_study

KINDS = ["community_service", "party_service", "affairs_centre", "elderly_centre"]
TIERS = ["neighbourhood", "circle", "subdistrict", "district"]
REL = 1e-12


@pytest.fixture(scope="module")
def sheets() -> dict[str, dict[object, dict[str, object]]]:
    return expected()


def assessed(town: HandTown, *, ranges: bool) -> Result:
    tables = tables_of(town.units, town.facilities, town.dwellings, town.streets, extent=town.extent)
    unknown = {"floor_area_m2": [100, 500]} if ranges else {}
    about = {"id": "hand", "name": "Hand", "year": 2025, "date": "2025-12-31", "projected": "2026-12-31"}
    study = toy_study(study=about, unknown=unknown | {"households": [200, 600]})
    own = standard(
        *(rule(id=f"area-{basis}", basis=basis, tiers=TIERS, kinds=KINDS) for basis in ("territorial", "own_tier")),
        rule(id="smallest", measure="smallest_facility_floor_area", value=300, unit="m2", tiers=TIERS, kinds=KINDS),
        rule(id="smallest-own", measure="smallest_facility_floor_area", value=300, unit="m2", tiers=TIERS, kinds=KINDS,
             basis="own_tier"),
        *(share(basis, tier) for basis in ("territorial", "own_tier") for tier in TIERS[:3]),
        rule(id="reach", measure="reached_households_share", value=0.85, unit="share of households", tiers=TIERS,
             limit_min=15),
    )  # fmt: skip
    return assess_tables(study, tables, [own, load_standard("yunnan-social-work-2021")])


def share(basis: str, tier: str):  # type: ignore[no-untyped-def]
    names = [f"area-{basis}", "smallest" if basis == "territorial" else "smallest-own"]
    given = {"measure": "met_units_share", "value": 1, "unit": "share of units", "tiers": ["district"], "kinds": []}
    return rule(id=f"coverage-{basis}-{tier}", of_tier=tier, of_rules=names, **given)


@pytest.fixture(scope="module")
def town() -> HandTown:
    return hand_town()


@pytest.fixture(scope="module")
def ranged(town: HandTown) -> Result:
    return assessed(town, ranges=True)


@pytest.fixture(scope="module")
def endless(town: HandTown) -> Result:
    return assessed(town, ranges=False)


def rows(result: Result, rule_id: str) -> dict[str, dict[str, object]]:
    """What the program says of a rule, by unit; the workbook writes DISTRICT in capitals."""
    found = result.units[result.units["rule_id"] == rule_id].to_dict("records")
    return {str(row["unit_id"]).replace("district", "DISTRICT"): row for row in found}


def close(one: object, other: object) -> bool:
    """Whether two numbers are the same but for how a workbook keeps them; blank stands for none."""
    ours = math.nan if one is None else float(one)  # type: ignore[arg-type]
    theirs = math.nan if other is None else float(other)  # type: ignore[arg-type]
    return (math.isnan(ours) and math.isnan(theirs)) or math.isclose(ours, theirs, rel_tol=REL, abs_tol=1e-9)


def differing(ours: dict[str, object], sheet: dict[str, object], names: dict[str, str]) -> list[str]:
    """Columns that differ, by our name and the workbook's."""
    return [
        f"{mine}: {ours[mine]} against {sheet[theirs]}"
        for mine, theirs in names.items()
        if not (ours[mine] == sheet[theirs] if isinstance(sheet[theirs], str) else close(ours[mine], sheet[theirs]))
    ]


RULES = {"territorial": ("area-territorial", "smallest"), "own_tier": ("area-own_tier", "smallest-own")}
BOUNDS = {"low": "low", "high": "high", "verdict": "verdict"}
OPEN = {"low": "open_low", "high": "open_high", "verdict": "open_verdict"}
AREA = {
    "households_low": "households_low", "households_high": "households_high", "gap_low": "gap_low_m2",
    "gap_high": "gap_high_m2", "projected_low": "projected_low", "projected_high": "projected_high",
    "projected_verdict": "projected_verdict",
}  # fmt: skip


def test_every_figure_of_floor_area_is_the_workbooks(ranged: Result, sheets) -> None:  # type: ignore[no-untyped-def]
    wrong = {}
    for (unit, basis), sheet in sheets["area"].items():
        ours = dict(rows(ranged, RULES[basis][0])[unit])
        if sheet["low"] is None:
            ours |= {
                "gap_low": sheet["gap_low_m2"],
                "gap_high": sheet["gap_high_m2"],
                "projected_verdict": "not_applicable",
            }
        if found := differing(ours, sheet, BOUNDS | AREA):
            wrong[unit, basis] = found
    assert len(sheets["area"]) == 37
    assert wrong == {}


def test_without_a_stated_range_unknown_areas_have_no_end(endless: Result, sheets) -> None:  # type: ignore[no-untyped-def]
    for place, name in enumerate(("area", "smallest")):
        for (unit, basis), sheet in sheets[name].items():
            assert not differing(rows(endless, RULES[basis][place])[unit], sheet, OPEN), (name, unit, basis)


def test_the_smallest_facility_of_every_unit_is_the_workbooks(ranged: Result, sheets) -> None:  # type: ignore[no-untyped-def]
    for (unit, basis), sheet in sheets["smallest"].items():
        assert not differing(rows(ranged, RULES[basis][1])[unit], sheet, BOUNDS), (unit, basis)


def test_every_coverage_is_the_workbooks(ranged: Result, sheets) -> None:  # type: ignore[no-untyped-def]
    for (tier, basis), sheet in sheets["coverage"].items():
        ours = rows(ranged, f"coverage-{basis}-{tier}")["DISTRICT"]
        assert not differing(ours, sheet, BOUNDS), (tier, basis)


def test_every_share_that_reaches_is_the_workbooks(ranged: Result, sheets) -> None:  # type: ignore[no-untyped-def]
    for unit, sheet in sheets["reach"].items():
        assert not differing(rows(ranged, "reach")[unit], sheet, {"low": "low", "high": "high"}), unit


def test_every_walk_to_the_nearest_facility_is_the_workbooks(ranged: Result, sheets) -> None:  # type: ignore[no-untyped-def]
    dwellings = ranged.dwellings.set_index("dwelling_id")
    for key, sheet in sheets["nearest"].items():
        ours = dwellings.loc[key]
        assert close(ours["minutes_community_service"], sheet["minutes"]), key
        assert (ours["reach_community_service"] == "reached") == bool(sheet["reached"]), key


def test_every_social_work_station_is_the_workbooks(ranged: Result, sheets) -> None:  # type: ignore[no-untyped-def]
    for unit, sheet in sheets["stations"].items():
        ours = rows(ranged, "social-work-station")[unit]
        names = {"value": "n_now", "projected": "n_projected", "verdict": "verdict", "gap": "gap"}
        assert not differing(ours, sheet, names), unit


def test_floor_area_within_reach_is_the_workbooks_where_nothing_is_unknown(ranged: Result, sheets) -> None:  # type: ignore[no-untyped-def]
    ours = ranged.reachable.set_index("unit_id")
    compared = {unit: sheet for unit, sheet in sheets["reachable"].items() if sheet["untouched"]}
    assert len(compared) == 6
    for unit, sheet in compared.items():
        for end in ("reachable_low", "reachable_high"):
            assert ours.loc[unit, end] == pytest.approx(sheet["value"], abs=1e-6), unit


def test_every_facility_counts_as_in_the_workbook(ranged: Result, sheets) -> None:  # type: ignore[no-untyped-def]
    ours = ranged.facilities.set_index("facility_id")
    for key, sheet in sheets["ledger"].items():
        assert bool(ours.loc[key, "counted"]) == bool(sheet["counts_now"]), key
        for column, name in (("counted_m2", "area_now"), ("projected_m2", "area_projected")):
            low, high = sheet[f"{name}_low_m2"], sheet[f"{name}_high_m2"]
            assert close(ours.loc[key, column], low if low == high else None), (key, column)


def test_the_ledgers_square_metres_are_those_of_the_district(ranged: Result, sheets) -> None:  # type: ignore[no-untyped-def]
    known = sum(row["area_now_low_m2"] for row in sheets["ledger"].values() if row["area_known"])
    assert float(pd.Series(ranged.facilities["counted_m2"]).sum()) == pytest.approx(known, rel=REL)
