"""A study: one place in one year, read from its study.toml."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Discriminator, Field, PrivateAttr, Tag, ValidationInfo, field_validator, model_validator
from pydantic_core import PydanticCustomError

from lifecircle.errors import StudyError
from lifecircle.faults import Fault, fault, file_fault
from lifecircle.given import DwellingsInput, Input, Reading, SpreadInput, StreetsInput, UnitsInput
from lifecircle.settings import Settings, read_toml, validated
from lifecircle.tables import MAY_LACK
from lifecircle.walkers import Walker, load_walkers
from lifecircle.words import shipped, term

_YEARS = range(1900, 2201)
Range = tuple[Annotated[float, Field(ge=0)], Annotated[float, Field(ge=0)]]


class About(Settings):
    """What is assessed: id, name, year, and the day for which dates of opening and leases count.

    `projected` is a later day, for a second figure beside the first: of what is open by then.
    """

    id: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]+$", max_length=64)]
    name: str
    year: int
    date: dt.date
    projected: dt.date | None = None
    language: Literal["zh", "en"] = "zh"
    standards: Annotated[tuple[str, ...], Field(min_length=1)] = ("shanghai-2021",)
    crs: str | None = None

    @field_validator("date", "projected")
    @classmethod
    def _of_our_time(cls, value: dt.date | None) -> dt.date | None:
        if value and value.year not in _YEARS:
            raise _odd("expected a day from 1900 to 2200", "应为 1900 年至 2200 年间的日期")
        return value

    @field_validator("projected")
    @classmethod
    def _later(cls, value: dt.date | None, info: ValidationInfo) -> dt.date | None:
        date = info.data.get("date")
        if value and date and value < date:
            raise _odd(f"it must not be before date, {date}", f"不得早于 date,即 {date}")
        return value


class KindName(Settings):
    """How a kind of the study's own is called, and the one character that marks it on the map."""

    zh: str
    en: str
    mark: str = "●"
    also: tuple[str, ...] = ()


class Count(Settings):
    """How floor area counts.

    `small_sites` says whether sites below `least_m2` square metres count toward areas; each site of a facility is
    measured against it by itself, or with `split_sites = "together"` all of them as one. A floor area above `most_m2`
    square metres is taken for a mistake.
    """

    small_sites: Literal["count", "exclude"] = "count"
    split_sites: Literal["each", "together"] = "each"
    least_m2: Annotated[float, Field(gt=0)] = 300
    most_m2: Annotated[float, Field(gt=0)] = 100_000


class Equity(Settings):
    """Whose shares are compared.

    `groups` names the dwellings' column that counts each group's households or people; `by` names columns that tell
    kinds of dwellings apart, or `urban_rural`. Groups are counted among `of`: households, or people where the groups
    are counts of people. Of fewer than `least` nothing is shown.
    """

    groups: dict[str, str] = {}
    by: tuple[str, ...] = ()
    of: Literal["households", "population"] = "households"
    least: Annotated[int, Field(ge=1)] = 30


class Circles(Reading):
    """Circles read from a layer, which take the place of any others, or made of neighbourhoods.

    They are made where `make` is true, and, if it is not said, where the study has none and a rule asks for that tier.
    Made circles keep within the `households` [low, high] stated here, else within the range of `standard`, else of the
    first of the study's standards that has one, else of gb50180-2018. They are made around facilities of `kinds`.
    `pins` puts a neighbourhood into the circle of a facility, by their keys; `keep` names facilities that shall each be
    the centre of a circle.
    """

    path: str | None = None
    make: bool | None = None
    standard: str | None = None
    households: tuple[Annotated[float, Field(gt=0)], Annotated[float, Field(gt=0)]] | None = None
    kinds: tuple[str, ...] = ("community_service",)
    pins: dict[str, str] = {}
    keep: tuple[str, ...] = ()

    @field_validator("households")
    @classmethod
    def _ordered(cls, value: Range | None) -> Range | None:
        return _ordered(value)

    @field_validator("make")
    @classmethod
    def _either(cls, value: bool | None, info: ValidationInfo) -> bool | None:
        if value and info.data.get("path") is not None:
            raise _odd("it must be false where path names a layer of circles", "已用 path 指定片区图层,make 须为 false")
        return value

    @property
    def given(self) -> Input | None:
        """The layer to read; None where there is none."""
        if self.path is None:
            return None
        return Input.model_validate({name: getattr(self, name) for name in Input.model_fields})


class Walk(Settings):
    """Who walks, how long, how far a place may lie from a street, and whether gates are open."""

    walker: Annotated[
        Annotated[Walker, Tag("its own")] | Annotated[str, Tag("its name")],
        Discriminator(lambda given: "its name" if isinstance(given, str) else "its own"),
    ] = "adult"
    limit_min: Annotated[float, Field(gt=0, le=1440)] = 15
    snap_m: Annotated[float, Field(gt=0)] = 100
    gates: Literal["open", "residents", "closed"] = "open"
    settings: str | None = None


class Ranges(Settings):
    """What an unknown number can be at most and at least, where the office can say so."""

    floor_area_m2: Range | None = None
    households: Range | None = None

    @field_validator("*")
    @classmethod
    def _ordered(cls, value: Range | None) -> Range | None:
        return _ordered(value)


class Repair(Settings):
    """What may be put right while reading; nothing is where the study does not say so.

    `valid` makes boundaries valid that cross themselves, `slivers_m` closes gaps and overlaps between units that are
    narrower than that, `strays_m` gives places outside all units to the nearest within that distance.
    """

    valid: bool = False
    slivers_m: Annotated[float, Field(gt=0, le=20)] | None = None
    strays_m: Annotated[float, Field(gt=0)] | None = None


class Names(Settings):
    """How names of units stand for their keys.

    Names that are the same after suffixes and brackets are taken off are; others only where they are at least `similar`
    (1 is the same) or, in a name of three characters or more without its suffix, one character is wrong, each with a
    line in the list of faults. Without it nothing similar is taken, it is suggested.
    """

    similar: Annotated[float, Field(gt=0.5, le=1)] | None = None


class Report(Settings):
    """What a report holds: its documents, all usual ones where none is named, and the office's own ledger form.

    `ledger_form` is a workbook whose named cells and one row of placeholders are filled in. `basemap` puts tiles from
    the internet under the map: osm, tianditu, amap or the address of any XYZ tiles.
    """

    documents: tuple[str, ...] = ()
    ledger_form: str | None = None
    basemap: str = ""


class Study(Settings):
    """One place in one year: its inputs and settings.

    A study that only counts facilities needs neither dwellings nor streets.
    """

    study: About
    units: UnitsInput
    facilities: Input
    dwellings: DwellingsInput | None = None
    streets: StreetsInput | None = None
    candidates: Input | None = None
    gates: Input | None = None
    compounds: Input | None = None
    barriers: Input | None = None
    entrances: Input | None = None
    walk: Walk = Walk()
    count: Count = Count()
    equity: Equity = Equity()
    circles: Circles = Circles()
    totals: Input | None = None
    spread: SpreadInput | None = None
    repair: Repair = Repair()
    names: Names = Names()
    unknown: Ranges = Ranges()
    report: Report = Report()
    kinds: dict[str, KindName] = {}
    _path: Path = PrivateAttr(default=Path("study.toml"))
    _allow_network: bool = PrivateAttr(default=False)

    @property
    def path(self) -> Path:
        """The study.toml that was read."""
        return self._path

    @property
    def allow_network(self) -> bool:
        """Whether files may be read from addresses on the internet."""
        return self._allow_network

    @property
    def folder(self) -> Path:
        """The folder of study.toml: its files are looked up here."""
        return self._path.parent

    @property
    def name(self) -> str:
        """Folder name of its reports, such as sample-2025."""
        return f"{self.study.id}-{self.study.year}"

    def file(self, path: str) -> Path:
        """A path of the study, seen from the current folder."""
        return self.folder / path

    @model_validator(mode="before")
    @classmethod
    def _inputs_by_name(cls, content: Any) -> Any:
        """Let `units = "units.gpkg"` stand for a table with a path alone."""
        if not isinstance(content, dict):
            return content
        names = ("units", "facilities", "dwellings", "streets", "candidates", "circles", "totals", *MAY_LACK)
        return {
            key: {"path": value} if key in names and isinstance(value, str) else value for key, value in content.items()
        }


def read_study(path: str | Path, *, allow_network: bool = False) -> Study:
    """A study from its study.toml, or from the folder that holds one.

    Parameters
    ----------
    path
        The file or its folder.
    allow_network
        Whether its inputs may be read from addresses on the internet.

    Raises
    ------
    StudyError
        The file is missing or unreadable, or a setting is missing, misspelt or out of range; all mistakes are listed.

    Examples
    --------
    >>> read_study("data/sample/study.toml").name
    'sample-2025'

    """
    path = Path(path)
    path = path / "study.toml" if path.is_dir() else path
    if not path.is_file():
        raise StudyError([fault("missing-study", str(path))])
    content, faults = read_toml(path)
    study = None
    if not faults:
        study, faults = validated(Study, content, str(path))
    if study is None:
        raise StudyError(faults, _language(content))
    study._path, study._allow_network = path, allow_network
    return study


def study_walker(study: Study) -> Walker:
    """The walker of a study."""
    return study.walk.walker if isinstance(study.walk.walker, Walker) else walkers_of(study)[study.walk.walker]


def kind_name(study: Study, kind: str) -> dict[str, str]:
    """A kind's name in both languages and the one character that marks it."""
    own = study.kinds.get(kind)
    if own:
        return {"zh": own.zh, "en": own.en, "mark": own.mark}
    names = term("kind", kind)
    return names | {"mark": str(shipped("words.toml")["kind"].get(kind, {}).get("mark", names["zh"][:1].upper()))}


def walkers_of(study: Study) -> dict[str, Walker]:
    """Every walker known to a study."""
    return load_walkers(study.file(study.walk.settings) if study.walk.settings else None)


def settings_of(study: Study) -> Path | None:
    """The study's own walking settings; None, for those that ship, where it has none or they are wrong."""
    return study.file(study.walk.settings) if study.walk.settings and not study_faults(study) else None


def study_faults(study: Study) -> list[Fault]:
    """What a study asks for and does not exist: a file of walking settings, a walker."""
    file, settings = str(study.path), study.walk.settings
    wrong = file_fault(study.file(settings), "[walk] settings") if settings else None
    if wrong is not None:
        return [wrong]
    try:
        known = walkers_of(study)
    except StudyError as error:
        return list(error.faults)
    if isinstance(study.walk.walker, Walker) or study.walk.walker in known:
        return []
    expected = f"expected one of {', '.join(known)}"
    expected_zh = f"应为 {'、'.join(known)} 之一"
    if study.walk.walker == "child":
        given = 'walker = { name = "child", speed_m_per_s = … }'
        expected, expected_zh = (
            f"{expected}. A child's speed must be given: {given}",
            f"{expected_zh};儿童速度须给出:{given}",
        )
    values = {"field": "[walk] walker", "found": repr(study.walk.walker)}
    return [fault("wrong-setting", file, expected=expected, expected_zh=expected_zh, **values)]


def _ordered(value: Range | None) -> Range | None:
    if value and value[0] > value[1]:
        raise _odd("the low end must not be above the high end", "下限不得大于上限")
    return value


def _odd(expected: str, expected_zh: str) -> PydanticCustomError:
    return PydanticCustomError("odd", "{expected}", {"expected": expected, "expected_zh": expected_zh})


def _language(content: dict[str, Any]) -> str:
    about = content.get("study")
    language = about.get("language", "zh") if isinstance(about, dict) else ""
    return language if language in {"zh", "en", ""} else "zh"
