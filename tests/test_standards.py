"""Standards as data: the numbers that ship, what a wrong file is told, how one extends another, and the schema."""

from __future__ import annotations

import datetime as dt
import json
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.console import Console

import lifecircle as lc
from lifecircle import cli
from lifecircle.errors import StandardError
from lifecircle.phrases import threshold_text
from lifecircle.publish.standards_table import print_standards, schema_json, standards_json
from lifecircle.standards import GAPS, MEASURES, UNITS, Rule, Standard, Text, read_standard, shipped_standards
from lifecircle.words import shipped, spellings

DATA = Path(lc.__file__).parent / "data"
WORDS = Text(zh="测试", en="test")

# --- What ships: typed once from the documents and copies that were read, never read from the files under test ---

SHANGHAI = "沪民基发〔2021〕7号"
PLAN_14 = "“十四五”城乡社区服务体系建设规划"
GOALS = "上海15分钟社区生活圈目标(无单一文件)"
SHIPPED = {
    "shanghai-2021": {
        "floor-area": (35, "in_force", f"{SHANGHAI} 第十一条"),
        "single-facility": (300, "in_force", f"{SHANGHAI} 第十一条"),
        "conforming-facility": (1, "in_force", f"{SHANGHAI} 第十一条"),
        "coverage-subdistrict": (1, "in_force", f"{SHANGHAI} 第十一条"),
        "coverage-circle": (1, "in_force", f"{SHANGHAI} 第十一条"),
        "coverage-neighbourhood": (1, "in_force", f"{SHANGHAI} 第十一条"),
        "floor-area-own-tier": (35, "unverified", f"{SHANGHAI} 第十一条"),
        "social-work-station": (1, "in_force", f"{SHANGHAI} 第十六条"),
        "social-work-station-share": (1, "in_force", f"{SHANGHAI} 第十六条"),
        "services": (1, "unverified", f"{SHANGHAI} 第十二条"),
        "service-area": (None, "in_force", f"{SHANGHAI} 第二十条"),
        "road-distance": (None, "in_force", f"{SHANGHAI} 第二十条"),
    },
    "shanghai-15min-goals": {
        "reach-2025": (0.85, "in_force", GOALS),
        "reach-2025-units": (0.85, "unverified", GOALS),
        "reach-2035": (0.99, "in_force", GOALS),
    },
    "national-14th-plan": {
        "floor-area": (30, "in_force", PLAN_14),
        "coverage-urban": (1, "in_force", PLAN_14),
        "coverage-rural": (0.8, "in_force", PLAN_14),
    },
    "national-13th-plan": {
        "floor-area": (30, "expired", "民发〔2016〕191号"),
        "coverage-urban": (1, "expired", "民发〔2016〕191号"),
        "coverage-rural": (0.5, "expired", "民发〔2016〕191号"),
    },
    "gb50180-2018": {
        "service-centre": (700, "unverified", "GB 50180-2018"),
        "culture-centre": (3000, "unverified", "GB 50180-2018"),
        "health-centre": (1700, "unverified", "GB 50180-2018"),
        "service-station": (600, "unverified", "GB 50180-2018"),
        "culture-station": (250, "unverified", "GB 50180-2018"),
        "day-care": (350, "unverified", "GB 50180-2018"),
    },
    "complete-community-2020": {
        "service-station": (800, "unverified", "建科规〔2020〕7号"),
        "elderly-station": (350, "unverified", "建科规〔2020〕7号"),
        "health-station": (120, "unverified", "建科规〔2020〕7号"),
        "supermarket": (300, "unverified", "建科规〔2020〕7号"),
        "activity-area": (0.6, "unverified", "完整社区试点(2022)"),
    },
    "yunnan-social-work-2021": {
        "social-work-station": (1, "in_force", "云民发〔2021〕118号"),
        "social-work-station-share": (1, "in_force", "云民发〔2021〕118号"),
    },
}
CIRCLES = {
    "shanghai-15min-goals": ((50_000, 100_000), None, 3),
    "gb50180-2018": ((50_000, 100_000), (17_000, 32_000), None),
}


def test_these_standards_ship_and_no_others() -> None:
    assert set(shipped_standards()) == set(SHIPPED)


@pytest.mark.parametrize("name", SHIPPED)
def test_a_shipped_standard_has_the_numbers_of_its_document_with_their_status_and_clause(name: str) -> None:
    one = lc.load_standard(name)
    found = {rule.id: (rule.value, one.standing(rule), one.clause(rule)) for rule in one.rules}
    assert found == SHIPPED[name]
    assert list(found) == list(SHIPPED[name]), "rules stand in this order"


@pytest.mark.parametrize("name", SHIPPED)
def test_a_shipped_standard_says_how_large_a_circle_is_where_its_document_does(name: str) -> None:
    size = lc.load_standard(name).circle
    assert (size and (size.people, size.households, size.area_km2)) == CIRCLES.get(name)


@pytest.mark.parametrize("name", SHIPPED)
def test_a_shipped_standard_counts_only_kinds_and_services_that_words_knows(name: str) -> None:
    kinds, services = set(spellings("kind").values()), set(spellings("service").values())
    for rule in lc.load_standard(name).rules:
        assert set(rule.kinds) <= kinds
        assert set(rule.services) <= services


@pytest.mark.parametrize("name", SHIPPED)
def test_a_shipped_file_begins_by_saying_how_to_copy_and_edit_it(name: str) -> None:
    first, second = (DATA / "standards" / f"{name}.toml").read_text("utf-8").splitlines()[:2]
    assert first.startswith("# 复制本文件")
    assert second.startswith("# Copy this file, edit it, and name the copy in study.toml")


def test_dates_of_documents_and_targets_are_those_that_were_read() -> None:
    shanghai, yunnan = lc.load_standard("shanghai-2021"), lc.load_standard("yunnan-social-work-2021")
    assert (shanghai.issuer, shanghai.date) == ("上海市民政局", dt.date(2021, 12, 6))
    assert shanghai.rule("coverage-circle").target_year == 2025
    assert {rule.target_date for rule in yunnan.rules} == {dt.date(2021, 6, 30)}
    targets = [rule.target_year for rule in lc.load_standard("shanghai-15min-goals").rules]
    assert targets == [2025, 2025, 2035]
    assert {rule.target_year for rule in lc.load_standard("national-13th-plan").rules} == {2020}


def test_twelve_services_are_asked_for_in_shanghai() -> None:
    asked = lc.load_standard("shanghai-2021").rule("services")
    zh = [shipped("words.toml")["service"][one]["zh"] for one in asked.services]
    assert zh[:5] == ["社会救助", "社会福利", "社区治理", "社会服务", "社会组织"]
    assert len(set(zh)) == 12


def test_what_may_not_fail_in_shanghai_is_advice_without_a_number() -> None:
    advice = [rule.id for rule in lc.load_standard("shanghai-2021").rules if rule.advisory]
    assert advice == ["service-area", "road-distance"]


def test_every_measure_has_words_for_its_unit_its_gap_and_its_name() -> None:
    words = shipped("words.toml")
    assert set(UNITS.values()) <= set(words["measured_in"])
    assert set(GAPS.values()) <= set(words["gap_in"])
    assert {frozenset(one["name"]) for one in shipped("measures.toml").values()} == {frozenset({"zh", "en"})}


# --- Faults: one clear line each ---

OWN = """\
id = "own"
title = { zh = "自定", en = "Own" }
status = "in_force"
scope = { zh = "全区", en = "the district" }
source = "the office"

[[rules]]
id = "area"
name = { zh = "面积", en = "Area" }
measure = "smallest_facility_floor_area"
value = 300
unit = "m2"
tiers = ["neighbourhood"]
kinds = ["clinic"]
text = { zh = "三百", en = "300" }
"""
EXTENDING = 'extends = "shanghai-2021"\nid = "own"\n'


def own(folder: Path, text: str, name: str = "own.toml") -> Path:
    (folder / name).write_text(text, "utf-8")
    return folder / name


def lines(path: Path, lang: str = "en") -> list[str]:
    return [one.line(lang) for one in read_standard(path)[1]]


ANY = "…"
WRONG = {
    "unknown measure": (
        OWN.replace("smallest_facility_floor_area", "smallest_facility_area"),
        f"own.toml: rule area: measure is 'smallest_facility_area'; {ANY}did you mean 'smallest_facility_floor_area'?",
    ),
    "unit of another measure": (
        OWN.replace('"m2"', '"m"'),
        "own.toml: rule area: unit is 'm'; measure smallest_facility_floor_area is in \"m2\". Cure: correct it",
    ),
    "no value": (
        OWN.replace("value = 300\n", ""),
        "own.toml: rule area: value is missing; only a recommendation (advisory = true) may leave it out. Cure: add it",
    ),
    "percent for a share": (
        OWN.replace("smallest_facility_floor_area", "service_area_share").replace('"m2"', '"share of floor area"'),
        "own.toml: rule area: value is 300; a share must be at most 1, such as 0.85 for 85 %. Cure: correct it",
    ),
    "kinds missing": (
        OWN.replace('kinds = ["clinic"]\n', ""),
        "own.toml: rule area: kinds is missing; measure smallest_facility_floor_area needs it. Cure: add it",
    ),
    "services missing": (
        OWN.replace("smallest_facility_floor_area", "offered_services_share")
        .replace("value = 300", "value = 1")
        .replace('"m2"', '"share of services"'),
        "own.toml: rule area: services is missing; measure offered_services_share needs it. Cure: add it",
    ),
    "a field of another measure": (
        OWN + "least_m2 = 100\n",
        "own.toml: rule area: least_m2 is for measure facilities_count; this rule's is smallest_facility_floor_area. "
        "Cure: remove it, or correct the measure",
    ),
    "no tiers": (
        OWN.replace('["neighbourhood"]', "[]"),
        "own.toml: rule area: tiers is []; expected a list of at least 1. Cure: correct it",
    ),
    "rules in single brackets": (
        OWN.replace("[[rules]]", "[rules]"),
        f"own.toml: rules is {ANY}; each rule begins with [[rules]], in double brackets. Cure: correct it",
    ),
    "the most of what has a least": (
        OWN.replace("value = 300", 'operator = "<="\nvalue = 300'),
        f'own.toml: rule area: {ANY}measure smallest_facility_floor_area needs operator = ">=". Cure: correct it',
    ),
    "at most a share of service area": (
        OWN.replace("smallest_facility_floor_area", "service_area_share")
        .replace('"m2"', '"share of floor area"')
        .replace("value = 300", 'operator = "<="\nvalue = 0.5'),
        f'own.toml: rule area: {ANY}measure service_area_share needs operator = ">="{ANY}',
    ),
    "a road at least so far": (
        OWN.replace("smallest_facility_floor_area", "road_distance_m").replace('"m2"', '"m"'),
        f'own.toml: rule area: {ANY}measure road_distance_m needs operator = "<="{ANY}',
    ),
    "a truth for a number": (
        OWN.replace("value = 300", "value = true"),
        "own.toml: rule area: value is True; expected a number such as 15. Cure: correct it",
    ),
    "a truth for a least area": (
        OWN.replace("smallest_facility_floor_area", "facilities_count").replace('"m2"', '"facilities"')
        + "least_m2 = true\n",
        "own.toml: rule area: least_m2 is True; expected a number such as 15. Cure: correct it",
    ),
    "a truth for a share": (
        OWN + "target_share = true\n",
        "own.toml: rule area: target_share is True; expected a number such as 15. Cure: correct it",
    ),
    "a truth for a year": (OWN + "target_year = true\n", f"own.toml: rule area: target_year is True; {ANY}"),
    "truths for people": (
        OWN + "[circle]\npeople = [true, 100000]\n",
        f"own.toml: [circle] people{ANY}True{ANY}",
    ),
    "least_m2 of nothing": (OWN + "least_m2 = 0\n", "own.toml: rule area: least_m2 is 0; it must be above 0. " + ANY),
    "share of districts": (
        OWN.replace('["neighbourhood"]', '["circle", "district"]') + "target_share = 0.5\n",
        f"own.toml: rule area: target_share is 0.5; there is one district: {ANY}. Cure: correct it",
    ),
    "share above one": (
        OWN + "target_share = 80\n",
        "own.toml: rule area: target_share is 80; it must be at most 1. Cure: correct it",
    ),
    "share of a rule without a value": (
        OWN.replace("value = 300\n", "advisory = true\ntarget_share = 1\n"),
        f"own.toml: rule area: target_share is 1; without a value no unit meets {ANY}. Cure: correct it",
    ),
    "target in two years": (
        OWN + "target_date = 2025-06-30\ntarget_year = 2026\n",
        "own.toml: rule area: target_year is 2026; target_date 2025-06-30 is in another year. Cure: correct it",
    ),
    "no date": (
        OWN + 'target_date = "soon"\n',
        "own.toml: rule area: target_date is 'soon'; expected a date such as 2025-12-31. Cure: correct it",
    ),
    "valid until before valid from": (
        "valid_from = 2025-01-01\nvalid_until = 2024-12-31\n" + OWN,
        "own.toml: valid_until is 2024-12-31; it must not be before valid_from, 2025-01-01. Cure: correct it",
    ),
    "least above most": (
        OWN + "[circle]\npeople = [100000, 50000]\n",
        "own.toml: [circle] people is [100000, 50000]; the low end must not be above the high end. Cure: correct it",
    ),
    "one number for a range": (
        OWN + "[circle]\npeople = 50000\n",
        'own.toml: [circle] people is 50000; expected a list such as ["one"]. Cure: correct it',
    ),
    "nothing asked for": (OWN.partition("\n[[rules]]")[0], "own.toml: rules is missing. Cure: add it"),
    "two rules with one id": (
        OWN + "\n[[rules]]" + OWN.partition("[[rules]]")[2],
        "own.toml: rule area: id is 'area'; it must stand once. Cure: correct it",
    ),
    "an id that a share takes": (
        OWN + "target_share = 1\n\n[[rules]]" + OWN.partition("[[rules]]")[2].replace('"area"', '"area-share"'),
        "own.toml: rule area-share: id is 'area-share'; it must stand once. Cure: correct it",
    ),
    "a share of what has no value": (
        OWN.replace("value = 300\n", "advisory = true\n")
        + '\n[[rules]]\nid = "all"\nname = { zh = "全", en = "All" }\nmeasure = "met_units_share"\nvalue = 1\n'
        'unit = "share of units"\ntiers = ["district"]\nof_tier = "neighbourhood"\nof_rules = ["area"]\n'
        'text = { zh = "全", en = "All" }\n',
        f"own.toml: rule all: of_rules is 'area'; expected one of {ANY}",
    ),
    "drop without extends": ('drop = ["x"]\n' + OWN, f"own.toml: drop is not a setting. Cure: remove it{ANY}"),
    "changes written by hand": ('changes = ["x"]\n' + OWN, f"own.toml: changes is not a setting. Cure: remove it{ANY}"),
    "unknown parent": (
        EXTENDING.replace("2021", "2012"),
        f"own.toml: extends is 'shanghai-2012'; expected the path of a TOML file that is there, or one of {ANY}. "
        "Cure: correct it; did you mean 'shanghai-2021'?",
    ),
    "parent that is not there": (
        EXTENDING.replace("shanghai-2021", "gone.toml"),
        f"own.toml: extends is 'gone.toml'; expected the path of a TOML file that is there, or one of {ANY}",
    ),
    "parent that is no text": (EXTENDING.replace('"shanghai-2021"', "7"), f"own.toml: extends is '7'; expected {ANY}"),
    "itself": (
        EXTENDING.replace("shanghai-2021", "own.toml"),
        "own.toml: extends is 'own.toml', which leads back to this file. "
        "Cure: let the outermost standard stand on its own",
    ),
    "unknown rule dropped": (
        EXTENDING + 'drop = ["floor-aera"]\n',
        f"own.toml: drop names 'floor-aera', which shanghai-2021 has not; it has floor-area, {ANY}"
        "Cure: correct it; did you mean 'floor-area'?",
    ),
    "no list to drop": (
        EXTENDING + 'drop = "floor-area"\n',
        "own.toml: drop is 'floor-area'; expected a list such as [\"one\"]. Cure: correct it",
    ),
    "no id of its own": ('extends = "shanghai-2021"\n', "own.toml: id is missing. Cure: add it"),
    "the id of its parent": (
        EXTENDING.replace('"own"', '"shanghai-2021"'),
        "own.toml: id is 'shanghai-2021'; it is that of the standard it extends. Cure: correct it",
    ),
    "one rule changed twice": (
        EXTENDING + '[[rules]]\nid = "floor-area"\nvalue = 40\n[[rules]]\nid = "floor-area"\nvalue = 50\n',
        "own.toml: rule floor-area: id is 'floor-area'; it must stand once. Cure: correct it",
    ),
    "a wrong change": (
        EXTENDING + '[[rules]]\nid = "floor-area"\nvalue = -1\n',
        "own.toml: rule floor-area: value is -1; it must be above 0. Cure: correct it",
    ),
    "an added rule that lacks all": (
        EXTENDING + '[[rules]]\nid = "new"\n',
        "own.toml: rule new: name is missing. Cure: add it",
    ),
    "a dropped rule that another counts": (
        EXTENDING + 'drop = ["social-work-station", "conforming-facility"]\n',
        f"own.toml: rule coverage-subdistrict: of_rules is 'conforming-facility'; expected one of {ANY}",
    ),
    "rules that are no list": (
        EXTENDING + "rules = 7\n",
        f"own.toml: rules is 7; each rule begins with [[rules]], {ANY}",
    ),
}


@pytest.mark.parametrize("wrong", WRONG)
def test_a_wrong_file_is_told_file_rule_field_and_cure_on_one_line(tmp_path: Path, wrong: str) -> None:
    text, expected = WRONG[wrong]
    said = lines(own(tmp_path, text))
    pattern = ".*".join(map(re.escape, expected.split(ANY)))
    assert [one for one in said if re.fullmatch(pattern, one)], said
    assert all("\n" not in one for one in said)


@pytest.mark.parametrize("wrong", WRONG)
def test_a_wrong_file_is_told_so_in_chinese(tmp_path: Path, wrong: str) -> None:
    for line in lines(own(tmp_path, WRONG[wrong][0]), "zh"):
        assert re.search(r"[\u4e00-\u9fff].*处理:", line)
        assert "{" not in line.replace("{'", "")


def test_several_mistakes_are_all_listed(tmp_path: Path) -> None:
    said = lines(own(tmp_path, "valid_from = 7\n" + OWN.replace("value = 300", "value = -1").replace('"m2"', '"m"')))
    assert [line.split(";")[0] for line in said] == [
        "own.toml: valid_from is 7",
        "own.toml: rule area: unit is 'm'",
        "own.toml: rule area: value is -1",
    ]


def test_a_fault_of_a_parent_names_the_parents_file(tmp_path: Path) -> None:
    own(tmp_path, OWN.replace("value = 300", "value = 0"), "parent.toml")
    child = own(tmp_path, 'extends = "parent.toml"\nid = "child"\n', "child.toml")
    assert lines(child) == ["parent.toml: rule area: value is 0; it must be above 0. Cure: correct it"]


def test_standards_that_extend_each_other_in_a_circle_are_refused(tmp_path: Path) -> None:
    for name, parent in (("a", "b"), ("b", "c"), ("c", "a")):
        own(tmp_path, f'extends = "{parent}.toml"\nid = "{name}"\n', f"{name}.toml")
    assert lines(tmp_path / "a.toml") == [
        "c.toml: extends is 'a.toml', which leads back to this file. Cure: let the outermost standard stand on its own"
    ]


def test_a_rule_made_in_python_is_checked_too() -> None:
    with pytest.raises(ValueError, match="expected one of floor_area_per_100_households"):
        Rule(id="x", name=WORDS, measure="nothing", value=1, unit="m2", tiers=("circle",), text=WORDS)


# --- One standard extends another ---


def test_a_child_has_its_parents_rules_with_what_it_changes_adds_and_drops(tmp_path: Path) -> None:
    added = OWN.partition("[[rules]]")[2]
    text = (
        EXTENDING
        + 'title = { zh = "本区", en = "Ours" }\ndrop = ["road-distance"]\n[[rules]]\nid = "floor-area"\nvalue = 40\n'
    )
    child = lc.load_standard(own(tmp_path, f"{text}\n[[rules]]{added}"))
    parent = lc.load_standard("shanghai-2021")
    assert [rule.id for rule in child.rules] == [rule.id for rule in parent.rules if rule.id != "road-distance"] + [
        "area"
    ]
    assert (child.rule("floor-area").value, child.rule("floor-area").kinds) == (40, parent.rule("floor-area").kinds)
    assert child.rule("area").value == 300
    assert (child.id, child.title.en, child.status, child.extends) == ("own", "Ours", "in_force", "shanghai-2021")
    assert child.changes == ("~ floor-area: value 35 → 40", "+ area", "- road-distance")


def test_a_rule_that_a_child_leaves_alone_cites_the_parent_and_a_changed_number_does_not(tmp_path: Path) -> None:
    text = EXTENDING + 'number = "区发1号"\n[[rules]]\nid = "floor-area"\nvalue = 40\n'
    child = lc.load_standard(own(tmp_path, text))
    cited = {rule.id: child.clause(rule) for rule in child.rules}
    assert cited["single-facility"] == f"{SHANGHAI} 第十一条"
    assert cited["floor-area"] == "区发1号"
    assert cited["coverage-circle"] == "区发1号", "it counts a number that the parent does not ask for"
    assert child.rule("floor-area").text.en.endswith("(changed here: value 35 → 40)")


def test_another_reading_of_the_kinds_keeps_the_clause(tmp_path: Path) -> None:
    text = EXTENDING + '[[rules]]\nid = "floor-area"\nkinds = ["community_service"]\n'
    child = lc.load_standard(own(tmp_path, text))
    assert child.rule("floor-area").kinds == ("community_service",)
    assert child.clause(child.rule("floor-area")) == f"{SHANGHAI} 第十一条"


@pytest.mark.parametrize(
    "changed", ['tiers = ["circle"]', 'urban_rural = "rural"', 'status = "draft"'], ids=["tiers", "sort", "status"]
)
def test_a_rule_of_other_units_or_of_another_status_is_the_childs_own(tmp_path: Path, changed: str) -> None:
    text = EXTENDING + f'number = "区发1号"\n[[rules]]\nid = "single-facility"\n{changed}\n'
    child = lc.load_standard(own(tmp_path, text))
    assert child.clause(child.rule("single-facility")) == "区发1号"
    assert child.clause(child.rule("coverage-circle")) == f"{SHANGHAI} 第十一条", "it counts other rules"


@pytest.mark.parametrize(
    ("rule_id", "changed"),
    [
        ("single-facility", 'kinds = ["community_service"]'),
        ("single-facility", 'basis = "own_tier"'),
        ("reach-2025", 'walker = "elderly"'),
    ],
)
def test_another_reading_of_the_document_keeps_the_clause(tmp_path: Path, rule_id: str, changed: str) -> None:
    parent = lc.load_standard("shanghai-15min-goals" if rule_id == "reach-2025" else "shanghai-2021")
    text = f'extends = "{parent.id}"\nid = "own"\nnumber = "区发1号"\n[[rules]]\nid = "{rule_id}"\n{changed}\n'
    child = lc.load_standard(own(tmp_path, text))
    assert child.clause(child.rule(rule_id)) == parent.clause(parent.rule(rule_id))


def test_another_decay_keeps_the_clause(tmp_path: Path) -> None:
    within = OWN.replace("smallest_facility_floor_area", "reachable_floor_area_per_100_households").replace(
        'unit = "m2"', 'unit = "m2/100 households"\nlimit_min = 15'
    )
    own(tmp_path, 'number = "1号"\n' + within, "parent.toml")
    text = 'extends = "parent.toml"\nid = "child"\nnumber = "2号"\n[[rules]]\nid = "area"\ndecay = "gaussian"\n'
    child = lc.load_standard(own(tmp_path, text, "child.toml"))
    assert (child.rule("area").decay, child.clause(child.rule("area"))) == ("gaussian", "1号")


@pytest.mark.parametrize(
    ("value", "text"), [(35, "35"), (34.9999999, "34.9999999"), (300, "300"), (0.1 + 0.2, "0.30000000000000004")]
)
def test_a_threshold_prints_all_its_digits(value: float, text: str) -> None:
    assert threshold_text(rule(value=value)) == text


def test_a_changed_number_has_the_childs_status_unless_it_states_its_own(tmp_path: Path) -> None:
    changed = '[[rules]]\nid = "floor-area-own-tier"\nvalue = 40\n'
    assert lc.load_standard("shanghai-2021").rule("floor-area-own-tier").status == "unverified"
    child = lc.load_standard(own(tmp_path, EXTENDING + changed))
    assert child.standing(child.rule("floor-area-own-tier")) == "in_force"
    draft = lc.load_standard(own(tmp_path, EXTENDING + changed + 'status = "draft"\n'))
    assert draft.standing(draft.rule("floor-area-own-tier")) == "draft"


@pytest.mark.parametrize("status", ["draft", "expired", "unverified"])
def test_a_child_cannot_make_its_parents_numbers_binding(tmp_path: Path, status: str) -> None:
    own(tmp_path, OWN.replace("in_force", status), "parent.toml")
    text = 'extends = "parent.toml"\nid = "child"\nstatus = "in_force"\n'
    child = lc.load_standard(own(tmp_path, text))
    assert child.standing(child.rule("area")) == status


def test_a_file_can_extend_a_file_beside_it_that_extends_another(tmp_path: Path) -> None:
    (tmp_path / "up").mkdir()
    own(tmp_path / "up", OWN, "grand.toml")
    own(tmp_path / "up", 'extends = "grand.toml"\nid = "parent"\n[[rules]]\nid = "area"\nvalue = 350\n', "parent.toml")
    child = lc.load_standard(own(tmp_path, 'extends = "up/parent.toml"\nid = "child"\n'))
    assert [rule.value for rule in child.rules] == [350]
    assert child.changes == ()


def test_a_rule_dropped_and_written_anew_is_the_childs_alone(tmp_path: Path) -> None:
    own(tmp_path, OWN + "target_share = 0.8\n", "parent.toml")
    anew = OWN.partition("[[rules]]")[2].replace("value = 300", "value = 200")
    child = lc.load_standard(
        own(tmp_path, f'extends = "parent.toml"\nid = "child"\ndrop = ["area"]\n[[rules]]{anew}', "child.toml")
    )
    assert [(rule.id, rule.value, rule.target_share) for rule in child.rules] == [("area", 200, None)]


# --- Shares of units ---


def rule(**more: Any) -> Rule:
    said = {"id": "area", "name": WORDS, "measure": "smallest_facility_floor_area", "value": 300, "unit": "m2",
            "tiers": ("circle",), "kinds": ("clinic",), "text": WORDS}  # fmt: skip
    return Rule(**(said | more))


def standard(*rules: Rule, **more: Any) -> Standard:
    said = {"id": "test", "title": WORDS, "number": "1号", "status": "in_force", "scope": WORDS, "source": "a test"}
    return Standard(**(said | more), rules=rules)


def test_a_target_share_asks_of_the_district_how_many_units_of_each_tier_must_meet() -> None:
    asked = rule(
        tiers=("subdistrict", "circle"), target_share=0.8, urban_rural="rural", clause="第一条", status="draft",
        target_date=dt.date(2025, 6, 30),
    )  # fmt: skip
    one = standard(asked)
    assert [made.id for made in one.rules] == ["area", "area-share-subdistrict", "area-share-circle"]
    made = one.rule("area-share-circle")
    assert (made.measure, made.value, made.unit, made.tiers) == (
        "met_units_share",
        0.8,
        "share of units",
        ("district",),
    )
    assert (made.of_tier, made.of_rules, made.urban_rural) == ("circle", ("area",), "rural")
    assert (made.clause, made.status, made.target_date, made.target_year) == (
        "第一条",
        "draft",
        dt.date(2025, 6, 30),
        2025,
    )
    assert (made.name.zh, made.name.en) == ("测试:农村片区达标比例", "test: rural circles that meet")


def test_a_rule_of_one_tier_gives_one_share_without_the_tier_in_its_id() -> None:
    assert [made.id for made in standard(rule(target_share=1)).rules] == ["area", "area-share"]


def test_a_standard_made_of_its_own_rules_again_has_the_same_rules() -> None:
    one = standard(rule(target_share=1))
    assert Standard(**(dict(one) | {"id": "again"})).rules == one.rules


def test_services_may_be_written_as_offices_write_them() -> None:
    asked = rule(measure="offered_services_share", unit="share of services", value=1, kinds=(),
                 services=("社会救助", "救助", "助餐"))  # fmt: skip
    assert asked.services == ("social_assistance", "助餐")


# --- When a rule binds ---

DAYS = st.dates(dt.date(2015, 1, 1), dt.date(2035, 12, 31))


@given(day=DAYS, ends=st.tuples(DAYS, DAYS).map(sorted))
def test_a_standard_is_in_force_from_its_first_to_its_last_day(day: dt.date, ends: list[dt.date]) -> None:
    start, end = ends
    one = standard(rule(), valid_from=start, valid_until=end)
    expected = "not_yet" if day < start else "expired" if day > end else "in_force"
    assert one.standing(one.rules[0], day) == expected
    assert one.binds(one.rules[0], day) == (expected == "in_force")
    assert one.standing(one.rules[0]) == "in_force", "without a day nothing is said about days"


@given(day=DAYS, target=DAYS)
def test_a_target_binds_from_its_day_on_and_a_target_year_from_its_first_day_on(day: dt.date, target: dt.date) -> None:
    by_day, by_year = rule(target_date=target), rule(target_year=target.year)
    assert standard(by_day).binds(by_day, day) == (day >= target)
    assert standard(by_year).binds(by_year, day) == (day.year >= target.year)


def test_a_recommendation_never_binds() -> None:
    assert not standard(rule(advisory=True)).binds(rule(advisory=True), dt.date(2025, 1, 1))


@pytest.mark.parametrize("status", ["draft", "expired", "unverified"])
def test_what_counts_a_rule_is_never_better_than_it(status: str) -> None:
    counting = Rule(id="all", name=WORDS, measure="met_units_share", value=1, unit="share of units", text=WORDS,
                    tiers=("district",), of_tier="circle", of_rules=("area",), status="in_force")  # fmt: skip
    one = standard(rule(status=status), counting)
    assert one.standing(counting) == status
    assert not one.binds(counting, dt.date(2025, 1, 1))


def test_a_clause_is_cited_with_the_number_else_the_title_of_its_document() -> None:
    asked = rule(clause="第三条")
    assert standard(asked).clause(asked) == "1号 第三条"
    assert standard(asked, number="", document="规划").clause(asked) == "规划 第三条"
    assert standard(asked, number="").clause(asked) == "测试 第三条"
    other = rule(clause="第三条", document="别的文件")
    assert standard(other).clause(other) == "别的文件 第三条"


def test_a_standard_may_say_nothing_but_how_large_a_circle_is(tmp_path: Path) -> None:
    text = OWN.partition("\n[[rules]]")[0] + "\n[circle]\nhouseholds = [17000, 32000]\n"
    assert lc.load_standard(own(tmp_path, text)).circle.households == (17_000, 32_000)


# --- The schema ---


def odds(schema: dict[str, Any], value: Any, whole: dict[str, Any], place: str = "") -> list[str]:
    """What a JSON schema has against a value: a plain reading of the words that ours uses, and of no others."""
    if schema is False:
        return [f"{place}: not allowed"]
    if "$ref" in schema:
        return odds(whole["$defs"][schema["$ref"].rsplit("/", 1)[1]], value, whole, place)
    found: list[str] = []
    kinds = {"object": dict, "array": list, "string": (str, dt.date), "number": (int, float), "integer": int,
             "boolean": bool}  # fmt: skip
    if "type" in schema and not isinstance(value, kinds[schema["type"]]):
        return [f"{place}: no {schema['type']}"]
    found += [f"{place}: not one of the enum"] if value not in schema.get("enum", [value]) else []
    found += [f"{place}: not the const"] if value != schema.get("const", value) else []
    if isinstance(value, dict):
        known = schema.get("properties", {})
        found += [f"{place}: lacks {name}" for name in schema.get("required", []) if name not in value]
        extra = schema.get("additionalProperties", True) is False
        found += [f"{place}: {name} is unknown" for name in value if extra and name not in known]
        for name in value.keys() & known.keys():
            found += odds(known[name], value[name], whole, f"{place}/{name}")
    if isinstance(value, list):
        found += [f"{place}: too short"] if len(value) < schema.get("minItems", 0) else []
        found += [f"{place}: too long"] if len(value) > schema.get("maxItems", len(value)) else []
        each = schema.get("prefixItems", [schema.get("items", {})] * len(value))
        for i, (one, item) in enumerate(zip(each, value, strict=False)):
            found += odds(one, item, whole, f"{place}/{i}")
    if isinstance(value, (int, float)):
        found += [f"{place}: not above"] if value <= schema.get("exclusiveMinimum", value - 1) else []
        found += [f"{place}: above"] if value > schema.get("maximum", value) else []
    for one in schema.get("allOf", []):
        found += odds(one, value, whole, place)
    if "anyOf" in schema and all(odds(one, value, whole, place) for one in schema["anyOf"]):
        found += [f"{place}: none of any"]
    if "if" in schema:
        branch = "else" if odds(schema["if"], value, whole, place) else "then"
        found += odds(schema.get(branch, {}), value, whole, place)
    return found


READ_BY_ODDS = {"$schema", "$defs", "$ref", "title", "description", "default", "format", "type", "enum", "const",
                "anyOf", "allOf", "if", "then", "else", "properties", "required", "additionalProperties", "items",
                "prefixItems", "minItems", "maxItems", "exclusiveMinimum", "maximum"}  # fmt: skip
SCHEMA = json.loads((DATA / "standard.schema.json").read_text("utf-8"))


def keywords(schema: Any) -> set[str]:
    """Every keyword of a schema, names of properties left out."""
    if isinstance(schema, list):
        return set().union(*map(keywords, schema)) if schema else set()
    if not isinstance(schema, dict):
        return set()
    found = set(schema)
    for name, inner in schema.items():
        named = name in ("properties", "$defs")
        found |= set().union(set(), *map(keywords, inner.values())) if named else keywords(inner)
    return found


def test_the_shipped_schema_is_the_one_that_the_code_makes() -> None:
    assert (DATA / "standard.schema.json").read_text("utf-8") == schema_json() + "\n"


def test_the_schema_uses_no_word_that_this_test_does_not_read() -> None:
    assert keywords({name: value for name, value in SCHEMA.items() if name != "default"}) <= READ_BY_ODDS


def test_the_schema_names_every_measure_and_describes_every_field() -> None:
    rule_schema = SCHEMA["$defs"]["Rule"]["properties"]
    assert tuple(rule_schema["measure"]["enum"]) == MEASURES
    for fields in (SCHEMA["properties"], rule_schema, SCHEMA["$defs"]["CircleSize"]["properties"]):
        assert all(one.get("description") for one in fields.values())


@pytest.mark.parametrize("name", SHIPPED)
def test_the_schema_finds_nothing_wrong_with_what_ships(name: str) -> None:
    content = tomllib.loads((DATA / "standards" / f"{name}.toml").read_text("utf-8"))
    assert odds(SCHEMA, content, SCHEMA) == []


def test_the_schema_asks_of_a_file_that_extends_another_for_an_id_alone() -> None:
    changed = {"extends": "shanghai-2021", "id": "own", "rules": [{"id": "floor-area", "value": 40}], "drop": ["x"]}
    assert odds(SCHEMA, changed, SCHEMA) == []
    assert odds(SCHEMA, {name: value for name, value in changed.items() if name != "extends"}, SCHEMA) != []


SEEN = ["unknown measure", "unit of another measure", "no value", "kinds missing", "services missing", "no tiers",
        "share above one", "nothing asked for", "drop without extends", "changes written by hand", "a wrong change",
        "no list to drop", "least_m2 of nothing"]  # fmt: skip


@pytest.mark.parametrize("wrong", SEEN)
def test_an_editor_with_the_schema_sees_what_the_reader_refuses(wrong: str) -> None:
    assert odds(SCHEMA, tomllib.loads(WRONG[wrong][0]), SCHEMA) != []


# --- What the command prints ---


def printed(name: str | Path | None, lang: str, width: int) -> str:
    console = Console(width=width, highlight=False, force_terminal=False)
    with console.capture() as said:
        print_standards(name, console, lang=lang)  # type: ignore[arg-type]
    return said.get()


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("name", [None, *SHIPPED])
@pytest.mark.parametrize("width", [100, 160])
def test_what_is_printed_fits_the_terminal_and_cuts_nothing(name: str | None, lang: str, width: int) -> None:
    said = printed(name, lang, width)
    assert max(cell_len(line) for line in said.splitlines()) <= width
    assert "…" not in said


def test_a_rule_is_printed_with_all_that_it_says() -> None:
    said = " ".join(printed("yunnan-social-work-2021", "en", 160).split())
    for part in (
        "number 云民发〔2021〕118号", "scope Yunnan", "asks number of facilities ≥ 1",
        "tiers subdistrict · territorial",
        "kinds social work station", "clause 云民发〔2021〕118号", "status in force · target 2021-06-30",
        "counts subdistrict · social-work-station", "asks share of units that meet ≥ 100%",
    ):  # fmt: skip
        assert part in said
    goals = " ".join(printed("shanghai-15min-goals", "zh", 160).split())
    assert "片区规模 50,000–100,000人,约 3 km²" in goals
    assert "步行 15 分钟 · 成人" in goals


def test_what_a_file_changes_is_printed(tmp_path: Path) -> None:
    text = EXTENDING + 'drop = ["road-distance"]\n[[rules]]\nid = "floor-area"\nvalue = 40\n'
    said = printed(own(tmp_path, text), "en", 100)
    assert "changed floor-area: value 35 → 40" in said
    assert "dropped road-distance" in said


def test_text_in_brackets_is_printed_as_it_stands(tmp_path: Path) -> None:
    assert "[red]Own" in printed(own(tmp_path, OWN.replace('"Own"', '"[red]Own"')), "en", 100)


def test_a_standard_as_json_can_be_read_back() -> None:
    for name in SHIPPED:
        assert Standard.model_validate(json.loads(standards_json(name))) == lc.load_standard(name)
    assert [one["id"] for one in json.loads(standards_json(None))] == shipped_standards()


def test_the_command_prints_json_and_the_schema_alone(capsys: pytest.CaptureFixture[str]) -> None:
    cli.standards(schema=True)
    assert json.loads(capsys.readouterr().out) == SCHEMA
    cli.standards("gb50180-2018", as_json=True)
    assert json.loads(capsys.readouterr().out)["circle"] == {"people": [50000, 100000], "households": [17000, 32000]}


def test_the_command_refuses_an_unknown_standard() -> None:
    with pytest.raises(StandardError, match="did you mean 'shanghai-2021'"):
        cli.standards("shanghai-2012")
