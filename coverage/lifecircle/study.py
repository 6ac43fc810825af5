"""A study: one place in one year, read from its study.toml."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Discriminator, Field, PrivateAttr, Tag, field_validator, model_validator

from lifecircle.errors import StudyError
from lifecircle.faults import Fault, fault
from lifecircle.settings import Settings, read_toml, validated
from lifecircle.tables import MAY_LACK
from lifecircle.walkers import Walker, load_walkers
from lifecircle.words import shipped, term

Degrees = Annotated[float, Field(ge=-180, le=180)]
Range = tuple[Annotated[float, Field(ge=0)], Annotated[float, Field(ge=0)]]


class About(Settings):
    """What is assessed: id, name, year, and the day for which dates of opening and leases count."""

    id: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]+$")]
    name: str
    year: int
    date: dt.date
    language: Literal["zh", "en"] = "zh"
    standards: tuple[str, ...] = ("shanghai-2021",)
    crs: str | None = None


class Input(Settings):
    """A file and how to read it.

    `columns` maps this project's names to the file's headers. `tags` chooses areas from an OpenStreetMap file.
    """

    path: str
    sheet: str | None = None
    layer: str | None = None
    crs: str | None = None
    encoding: str | None = None
    columns: dict[str, str] = {}
    tags: dict[str, str] = {}


class UnitsInput(Input):
    """Boundaries: one file with a layer for each tier, or one layer for one tier or with a column of tiers."""

    layers: dict[Literal["subdistrict", "circle", "neighbourhood"], str] = {}
    tier: Literal["subdistrict", "circle", "neighbourhood"] | None = None


class DwellingsInput(Input):
    """Where households live; `people_per_household` turns a population into whole households."""

    people_per_household: Annotated[float, Field(gt=0)] | None = None


class StreetsInput(Input):
    """Streets; `extent` is the box (west, south, east, north, in degrees) within which they are all there.

    `attribution` stands on every map; OpenStreetMap files bear their own where the study says nothing. `crossings`
    says whether lines of a layer that cross without a shared end are joined there. `elevation` is a raster of
    heights, or `ele` for those that the streets' own ends state.
    """

    crossings: Literal["keep", "join"] = "keep"
    elevation: str | None = None
    extent: tuple[Degrees, Degrees, Degrees, Degrees] | None = None
    attribution: str | None = None

    @field_validator("extent")
    @classmethod
    def _box(cls, value: tuple[float, float, float, float] | None) -> tuple[float, float, float, float] | None:
        if value and not (value[0] < value[2] and value[1] < value[3] and abs(value[1]) <= 90 and abs(value[3]) <= 90):
            raise ValueError("expected west, south, east, north in degrees, west below east and south below north")
        return value


class KindName(Settings):
    """How a kind of the study's own is called, and the one character that marks it on the map."""

    zh: str
    en: str
    mark: str = "●"
    also: tuple[str, ...] = ()


class Walk(Settings):
    """Who walks, how long, how far a place may lie from a street, and whether gates are open."""

    walker: Annotated[
        Annotated[Walker, Tag("its own")] | Annotated[str, Tag("its name")],
        Discriminator(lambda given: "its name" if isinstance(given, str) else "its own"),
    ] = "adult"
    limit_min: Annotated[float, Field(gt=0)] = 15
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
        if value and value[0] > value[1]:
            raise ValueError("the low end must not be above the high end")
        return value


class Study(Settings):
    """One place in one year: its inputs and settings."""

    study: About
    units: UnitsInput
    facilities: Input
    dwellings: DwellingsInput
    streets: StreetsInput
    candidates: Input | None = None
    gates: Input | None = None
    compounds: Input | None = None
    barriers: Input | None = None
    entrances: Input | None = None
    walk: Walk = Walk()
    unknown: Ranges = Ranges()
    kinds: dict[str, KindName] = {}
    _path: Path = PrivateAttr(default=Path("study.toml"))

    @property
    def path(self) -> Path:
        """The study.toml that was read."""
        return self._path

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
        names = ("units", "facilities", "dwellings", "streets", "candidates", *MAY_LACK)
        return {
            key: {"path": value} if key in names and isinstance(value, str) else value for key, value in content.items()
        }


def read_study(path: str | Path) -> Study:
    """A study from its study.toml, or from the folder that holds one.

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
    study._path = path
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


def study_faults(study: Study) -> list[Fault]:
    """What a study asks for and does not exist: a file of walking settings, a walker."""
    file, settings = str(study.path), study.walk.settings
    if settings and not study.file(settings).is_file():
        return [fault("missing-file", str(study.file(settings)), key="[walk] settings")]
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


def _language(content: dict[str, Any]) -> str:
    about = content.get("study")
    language = about.get("language", "zh") if isinstance(about, dict) else ""
    return language if language in {"zh", "en", ""} else "zh"
