"""Standards as data: documents, clauses and rules, read from TOML."""

from __future__ import annotations

import datetime as dt
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, field_validator, model_validator
from pydantic_core import PydanticCustomError

from lifecircle.errors import StandardError
from lifecircle.faults import Fault, fault, hint
from lifecircle.settings import Settings, read_toml, validated
from lifecircle.tables import Tier

Measure = Literal[
    "floor_area_per_100_households", "smallest_facility_floor_area", "met_units_share", "reached_households_share"
]
MEASURES: tuple[str, ...] = Measure.__args__  # type: ignore[attr-defined]
Unit = Literal["m2/100 households", "m2", "share of units", "share of households"]
Standing = Literal["in_force", "expired", "draft", "unverified"]
_WEAKER: tuple[str, ...] = Standing.__args__  # type: ignore[attr-defined]
UNITS: dict[str, str] = {
    "floor_area_per_100_households": "m2/100 households",
    "smallest_facility_floor_area": "m2",
    "met_units_share": "share of units",
    "reached_households_share": "share of households",
}
Basis = Literal["territorial", "own_tier"]


class Text(Settings):
    """One text in both languages."""

    zh: str
    en: str


class Rule(Settings):
    """One requirement of a standard.

    A measure of a unit of one of `tiers` is compared with `value`; `kinds` are the facilities that count, and `basis`
    says whether all facilities in the unit's territory do or only those that serve the unit's own tier.
    """

    id: str
    name: Text
    measure: Measure
    operator: Literal[">=", "<="] = ">="
    value: Annotated[float, Field(gt=0)]
    unit: Unit
    tiers: tuple[Tier, ...]
    kinds: tuple[str, ...] = ()
    basis: Basis = "territorial"
    limit_min: Annotated[float, Field(gt=0)] | None = None
    walker: str = "adult"
    of_tier: Tier | None = None
    of_rules: tuple[str, ...] = ()
    target_year: int | None = None
    status: Standing | None = None
    clause: str = ""
    text: Text

    @model_validator(mode="after")
    def _complete(self) -> Rule:
        needs = {
            "floor_area_per_100_households": ("kinds",),
            "smallest_facility_floor_area": ("kinds",),
            "met_units_share": ("of_tier", "of_rules"),
            "reached_households_share": ("kinds", "limit_min"),
        }[self.measure]
        missing = [name for name in needs if not getattr(self, name)]
        missing += [] if self.unit == UNITS[self.measure] else [f'unit = "{UNITS[self.measure]}"']
        if missing:
            values = {"missing": " and ".join(missing), "measure": self.measure}
            raise PydanticCustomError("needed", "{missing} (measure {measure} needs it)", values)
        return self


class Standard(Settings):
    """A document with its rules.

    Attributes
    ----------
    status
        `in_force` can be met; `draft`, `expired` and `unverified` give `reference`, never `met`.
    source
        Where the numbers were read.

    """

    id: str
    title: Text
    document: str = ""
    issuer: str = ""
    date: dt.date | None = None
    status: Standing
    scope: Text
    source: Text
    rules: tuple[Rule, ...]

    @field_validator("source", mode="before")
    @classmethod
    def _one_text(cls, value: object) -> object:
        return {"zh": value, "en": value} if isinstance(value, str) else value

    def rule(self, rule_id: str) -> Rule:
        """The rule of that id."""
        return next(rule for rule in self.rules if rule.id == rule_id)

    def standing(self, rule: Rule) -> Standing:
        """The status of a rule: its own, else its document's; never better than that of the rules it counts."""
        found = [rule.status or self.status, *(self.standing(self.rule(one)) for one in rule.of_rules)]
        return max(found, key=_WEAKER.index)

    def binds(self, rule: Rule, year: int) -> bool:
        """Whether a rule can be met or not in a year: it is in force, and its target is not a later year's."""
        return self.standing(rule) == "in_force" and (rule.target_year is None or rule.target_year <= year)

    def clause(self, rule: Rule) -> str:
        """Document and clause as they are cited.

        >>> standard = load_standard("shanghai-2021")
        >>> standard.clause(standard.rules[0])
        '沪民基发〔2021〕7号 第十一条'
        """
        return f"{self.document or self.title.zh} {rule.clause}".strip()


def shipped_standards() -> list[str]:
    """Names of the standards that ship with lifecircle.

    >>> "shanghai-2021" in shipped_standards()
    True
    """
    folder = files("lifecircle").joinpath("data", "standards")
    return sorted(entry.name.removesuffix(".toml") for entry in folder.iterdir() if entry.name.endswith(".toml"))


def load_standard(name: str | Path) -> Standard:
    """A standard that ships, by name, or one of your own, by the path of its TOML file.

    Raises
    ------
    StandardError
        The name is unknown, or the file is missing, unreadable or wrong; all mistakes are listed.

    Examples
    --------
    >>> load_standard("shanghai-2021").rule("floor-area").value
    35.0

    """
    standard, faults = read_standard(name)
    if standard is None:
        raise StandardError(faults)
    return standard


def read_standard(
    name: str | Path, *, folder: Path | None = None, said_in: str = "standards"
) -> tuple[Standard | None, list[Fault]]:
    """A standard, or every fault in it; relative paths are looked up in `folder`."""
    if str(name).endswith(".toml"):
        path = (folder or Path()) / name
        if not path.is_file():
            return None, [fault("missing-file", str(path), key="standards")]
    elif str(name) in shipped_standards():
        path = Path(str(files("lifecircle").joinpath("data", "standards", f"{name}.toml")))
    else:
        known = shipped_standards()
        return None, [
            fault("unknown-standard", said_in, found=name, expected=", ".join(known), **hint(str(name), known))
        ]
    content, faults = read_toml(path)
    faults = faults or _unknown_measures(content, path.name)
    if faults:
        return None, faults
    standard, faults = validated(Standard, content, path.name)
    faults = faults or _rule_faults(standard, path.name) if standard else faults
    return (None if faults else standard), faults


def _unknown_measures(content: dict[str, object], file: str) -> list[Fault]:
    rules = content.get("rules", [])
    named = [rule for rule in rules if isinstance(rule, dict)] if isinstance(rules, list) else []
    return [
        fault("unknown-rule", file, rule=rule.get("id", "?"), field="measure", found=rule["measure"],
              expected=", ".join(MEASURES), **hint(str(rule["measure"]), MEASURES))
        for rule in named
        if "measure" in rule and rule["measure"] not in MEASURES
    ]  # fmt: skip


def _rule_faults(standard: Standard, file: str) -> list[Fault]:
    known = [rule.id for rule in standard.rules]
    twice = [
        fault("wrong-setting", file, field=f"rule {one}: id", found=repr(one), expected="it must stand once")
        for one in sorted({one for one in known if known.count(one) > 1})
    ]
    per_unit = {rule.id: rule for rule in standard.rules if not rule.of_rules}
    unknown = [
        fault(
            "unknown-rule",
            file,
            rule=rule.id,
            field="of_rules",
            found=one,
            expected=", ".join(per_unit),
            **hint(one, per_unit),
        )
        for rule in standard.rules
        for one in rule.of_rules
        if one not in per_unit or rule.of_tier not in per_unit[one].tiers
    ]
    return twice + unknown
