"""What a standard is made of: measures, rules, the size of a circle, and the document that holds them."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, ConfigDict, Field, PrivateAttr, ValidationInfo, field_validator, model_validator
from pydantic_core import PydanticCustomError

from lifecircle.settings import Settings
from lifecircle.tables import Tier
from lifecircle.words import both, plain, shipped, spellings, term

_DECLARED: dict[str, dict[str, Any]] = shipped("measures.toml")
MEASURES: tuple[str, ...] = tuple(_DECLARED)
UNITS: dict[str, str] = {name: one["unit"] for name, one in _DECLARED.items()}
GAPS: dict[str, str] = {name: one["gap_in"] for name, one in _DECLARED.items()}
NEEDS: dict[str, tuple[str, ...]] = {name: tuple(one["needs"]) for name, one in _DECLARED.items()}
# Fields that mean something to one measure alone; with another they would be passed over in silence.
_ONLY_OF = {
    "least_m2": "facilities_count",
    "services": "offered_services_share",
    "decay": "reachable_floor_area_per_100_households",
}

Standing = Literal["in_force", "expired", "draft", "unverified"]
Basis = Literal["territorial", "own_tier"]
_WEAKER = ("in_force", "not_yet", "expired", "draft", "unverified")
_DESCRIBED = ConfigDict(use_attribute_docstrings=True)

Positive = Annotated[float, Field(gt=0)]
Count = Annotated[int, Field(gt=0)]


def _odd(expected: str, expected_zh: str) -> PydanticCustomError:
    return PydanticCustomError("odd", "{expected}", {"expected": expected, "expected_zh": expected_zh})


def _ordered(span: tuple[int, int] | None) -> tuple[int, int] | None:
    if span and span[0] > span[1]:
        raise _odd("the low end must not be above the high end", "下限不得大于上限")
    return span


Span = Annotated[tuple[Count, Count] | None, AfterValidator(_ordered)]


class Text(Settings):
    """One text in both languages."""

    zh: str
    en: str


def _a_number(value: object) -> object:
    """A value that is read as a number; true and false are none."""
    if isinstance(value, bool):
        raise _odd("expected a number such as 15", "应为数字,如 15")
    return value


class CircleSize(Settings):
    """How large a 15-minute circle is to be: people and households as [low, high], and its area."""

    model_config = _DESCRIBED

    @field_validator("people", "households", mode="before")
    @classmethod
    def _numbers(cls, value: object) -> object:
        return [_a_number(one) for one in value] if isinstance(value, list) else value

    people: Span = None
    """Residents of a circle, at least and at most, such as [50000, 100000]."""
    households: Span = None
    """Households of a circle, at least and at most."""
    area_km2: Positive | None = None
    """Area of a circle in square kilometres."""


# Of the least or the farthest of several facilities only one sense says something of all of them.
_SENSE = {"smallest_facility_floor_area": ">=", "service_area_share": ">=", "road_distance_m": "<="}


class Rule(Settings):
    """One requirement: a measure of each unit of some tiers, compared with a value.

    `kinds` are the facilities that count, and `basis` says whether all facilities in the unit's territory do or only
    those that serve the unit's own tier.
    """

    model_config = _DESCRIBED

    id: str
    """Its name in tables and files, such as floor-area; it stands once in a standard."""
    name: Text
    """What people call it, in both languages."""
    measure: str
    """What is measured of a unit."""
    operator: Literal[">=", "<="] = ">="
    """>= asks for at least the value, <= for at most."""
    advisory: bool = False
    """A recommendation: its figure is shown for reference and never fails; it may have no value."""
    unit: str
    """The unit of the value, which goes with the measure."""
    value: Annotated[Positive | None, Field(validate_default=True)] = None
    """The threshold; shares from 0 to 1."""
    tiers: Annotated[tuple[Tier, ...], Field(min_length=1)]
    """The tiers whose units are measured."""
    kinds: tuple[str, ...] = ()
    """The kinds of facilities that count."""
    services: tuple[str, ...] = ()
    """The services asked for, in any spelling of words.toml or in words of your own (offered_services_share)."""
    least_m2: Positive | None = None
    """Only facilities at least as large count (facilities_count)."""
    basis: Basis = "territorial"
    """territorial: all facilities in the unit; own_tier: only those that serve the unit's own tier."""
    urban_rural: Literal["urban", "rural"] | None = None
    """The rule holds only for urban, or only for rural units."""
    limit_min: Positive | None = None
    """The longest walk that counts as reached, in minutes; exactly the limit counts."""
    walker: str = "adult"
    """Who walks: adult, elderly or another walker of the study."""
    decay: Literal["none", "gaussian"] = "none"
    """How a facility fades with the walk (reachable_floor_area_per_100_households)."""
    of_tier: Tier | None = None
    """The tier whose units are counted (met_units_share)."""
    of_rules: tuple[str, ...] = ()
    """The rules that a unit must meet to be counted (met_units_share)."""
    target_share: Annotated[float, Field(gt=0, le=1)] | None = None
    """The share of the units of its tiers that must meet the rule; gives one more rule for each tier."""
    target_date: dt.date | None = None
    """The day by which the rule must be met; before it, the rule is shown for reference."""
    target_year: Annotated[int | None, Field(validate_default=True)] = None
    """The year by which the rule must be met."""
    status: Standing | None = None
    """The rule's own status; that of the standard where not given."""
    document: str = ""
    """The document that the clause is of; that of the standard where not given."""
    clause: str = ""
    """The clause, such as 第十一条."""
    text: Text
    """What the clause asks for, in short."""

    @field_validator("measure")
    @classmethod
    def _known(cls, measure: str) -> str:
        if measure not in MEASURES:
            raise _odd(f"expected one of {', '.join(MEASURES)}", f"应为:{', '.join(MEASURES)}")
        return measure

    @field_validator("unit")
    @classmethod
    def _of_measure(cls, unit: str, info: ValidationInfo) -> str:
        right = UNITS.get(info.data.get("measure", ""), unit)
        if unit != right:
            measure = info.data["measure"]
            raise _odd(f'measure {measure} is in "{right}"', f"指标 {measure} 的单位为 {right}")
        return unit

    @field_validator("value", "least_m2", "limit_min", "target_share", "target_year", mode="before")
    @classmethod
    def _no_truth(cls, value: object) -> object:
        return _a_number(value)

    @field_validator("unit")
    @classmethod
    def _sense(cls, unit: str, info: ValidationInfo) -> str:
        measure, operator = info.data.get("measure"), info.data.get("operator", ">=")
        if _SENSE.get(str(measure), operator) != operator:
            raise _odd(
                f'measure {measure} needs operator = "{_SENSE[str(measure)]}"',
                f'指标 {measure} 须用 operator = "{_SENSE[str(measure)]}"',
            )
        return unit

    @field_validator("value")
    @classmethod
    def _given(cls, value: float | None, info: ValidationInfo) -> float | None:
        if value is None and not info.data.get("advisory", True):
            raise PydanticCustomError("missing-value", "only a recommendation may leave it out")
        if value is not None and value > 1 and str(info.data.get("unit")).startswith("share"):
            raise _odd("a share must be at most 1, such as 0.85 for 85 %", "比例不得大于 1,如 85% 写作 0.85")
        return value

    @field_validator("services")
    @classmethod
    def _by_word(cls, services: tuple[str, ...]) -> tuple[str, ...]:
        known = spellings("service")
        return tuple(dict.fromkeys(known.get(plain(one), one) for one in services))

    @field_validator("target_share")
    @classmethod
    def _countable(cls, share: float | None, info: ValidationInfo) -> float | None:
        if share is not None and "district" in info.data.get("tiers", ()):
            raise _odd("there is one district: no share of districts can be counted", "全区只有一个,不能计算达标比例")
        if share is not None and info.data.get("value", 0) is None:
            raise _odd("without a value no unit meets or fails the rule", "没有 value,单元无从达标")
        return share

    @field_validator("target_year")
    @classmethod
    def _year_of_date(cls, year: int | None, info: ValidationInfo) -> int | None:
        day = info.data.get("target_date")
        if day and year not in (None, day.year):
            raise _odd(f"target_date {day} is in another year", f"target_date 为 {day},年份不一致")
        return day.year if day else year

    @model_validator(mode="after")
    def _complete(self) -> Rule:
        missing = [name for name in NEEDS[self.measure] if not getattr(self, name)]
        if missing:
            values = {"missing": " and ".join(missing), "measure": self.measure}
            raise PydanticCustomError("needed", "{missing} (measure {measure} needs it)", values)
        for name, measure in _ONLY_OF.items():
            if measure != self.measure and getattr(self, name) != type(self).model_fields[name].default:
                values = {"name": name, "measure": self.measure, "only": measure}
                raise PydanticCustomError("unused", "{name} is for measure {only}", values)
        return self

    def shares(self) -> list[Rule]:
        """The rules that its `target_share` gives: for each of its tiers, how many units of the district must meet it.

        >>> rule = Rule(
        ...     id="area", name=Text(zh="面积", en="Area"), measure="smallest_facility_floor_area", unit="m2",
        ...     value=300, tiers=("circle",), kinds=("clinic",), target_share=0.8, text=Text(zh="三百", en="300"),
        ... )
        >>> [(one.id, one.value, one.of_tier, one.name.en) for one in rule.shares()]
        [('area-share', 0.8, 'circle', 'Area: circles that meet')]
        """
        return [] if self.target_share is None else [self._share_of(tier, self.target_share) for tier in self.tiers]

    def _share_of(self, tier: Tier, share: float) -> Rule:
        kept = ("advisory", "urban_rural", "target_date", "target_year", "status", "document", "clause")
        units, where = term("tier", tier), both("", "")
        if self.urban_rural:
            where = term("urban_rural", self.urban_rural)
        name_zh = f"{self.name.zh}:{where['zh']}{units['zh']}达标比例"
        name_en = f"{self.name.en}: {where['en']} {units['en']}s that meet".replace("  ", " ")
        percent = f"{share * 100:.6g}"
        text_zh, text_en = (
            f"{self.text.zh};达标比例不低于{percent}%",
            f"{self.text.en}; in at least {percent} % of units",
        )
        return Rule(
            id=f"{self.id}-share" if len(self.tiers) == 1 else f"{self.id}-share-{tier}",
            name=Text(zh=name_zh, en=name_en),
            measure="met_units_share",
            unit=UNITS["met_units_share"],
            value=share,
            tiers=("district",),
            of_tier=tier,
            of_rules=(self.id,),
            text=Text(zh=text_zh, en=text_en),
            **{name: getattr(self, name) for name in kept},
        )


class Standard(Settings):
    """A document with its rules: `in_force` can be met; `draft`, `expired` and `unverified` give `reference`."""

    model_config = _DESCRIBED
    _changes: tuple[str, ...] = PrivateAttr(default=())

    id: str
    """Its name in tables and files, such as shanghai-2021."""
    title: Text
    """What people call it, in both languages."""
    document: str = ""
    """Title of the document."""
    number: str = ""
    """Number of the document, such as 沪民基发〔2021〕7号."""
    issuer: str = ""
    """Who issued it."""
    date: dt.date | None = None
    """The day on which it was issued."""
    status: Standing
    """Only what is in_force can be met or failed; everything else gives figures for reference."""
    valid_from: dt.date | None = None
    """The first day on which it is in force."""
    valid_until: dt.date | None = None
    """The last day on which it is in force."""
    scope: Text
    """Where it holds."""
    source: Text
    """Where the numbers were read."""
    extends: str | None = None
    """A standard that ships, or the path of a TOML file: everything not said here is taken from it."""
    circle: CircleSize | None = None
    """How large a 15-minute circle is to be."""
    rules: Annotated[tuple[Rule, ...], Field(validate_default=True)] = ()
    """What is asked for."""

    @field_validator("source", mode="before")
    @classmethod
    def _one_text(cls, value: object) -> object:
        return {"zh": value, "en": value} if isinstance(value, str) else value

    @field_validator("valid_until")
    @classmethod
    def _not_before(cls, until: dt.date | None, info: ValidationInfo) -> dt.date | None:
        start = info.data.get("valid_from")
        if until and start and until < start:
            raise _odd(f"it must not be before valid_from, {start}", f"不得早于 valid_from({start})")
        return until

    @field_validator("rules")
    @classmethod
    def _with_shares(cls, rules: tuple[Rule, ...], info: ValidationInfo) -> tuple[Rule, ...]:
        if not rules and info.data.get("circle", True) is None:
            raise PydanticCustomError("missing", "at least one rule, or a [circle] table")
        return tuple(one for rule in rules for one in (rule, *(more for more in rule.shares() if more not in rules)))

    @property
    def changes(self) -> tuple[str, ...]:
        """What it changes in the standard that it extends: `~` rules changed, `+` added, `-` dropped."""
        return self._changes

    @property
    def citation(self) -> str:
        """What the document is cited as: its number, else its title."""
        return self.number or self.document or self.title.zh

    def rule(self, rule_id: str) -> Rule:
        """The rule of that id."""
        return next(rule for rule in self.rules if rule.id == rule_id)

    def standing(self, rule: Rule, on: dt.date | None = None) -> str:
        """The status of a rule: its own, else its document's; never better than that of the rules it counts.

        On a day after `valid_until` no better than `expired`, before `valid_from` no better than `not_yet`.
        """
        found = [rule.status or self.status, *(self.standing(self.rule(one)) for one in rule.of_rules)]
        found += ["expired"] if on and self.valid_until and on > self.valid_until else []
        found += ["not_yet"] if on and self.valid_from and on < self.valid_from else []
        return max(found, key=_WEAKER.index)

    def binds(self, rule: Rule, day: dt.date) -> bool:
        """Whether a rule can be met or not on a day: in force, no recommendation, and its target is not later."""
        due = rule.target_date <= day if rule.target_date else (rule.target_year or day.year) <= day.year
        return self.standing(rule, day) == "in_force" and not rule.advisory and due

    def clause(self, rule: Rule) -> str:
        """Document and clause as they are cited: the number or title of the document, then the clause."""
        return f"{rule.document or self.citation} {rule.clause}".strip()
