"""The inputs that a study names, and how each is to be read."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Literal

from pydantic import Field, field_validator

from lifecircle.settings import Settings

Degrees = Annotated[float, Field(ge=-180, le=180)]


class Reading(Settings):
    """How a file is read.

    `sheet` or `layer` names one of several; `header` is the row of a sheet's header, found by itself where not said.
    `columns` maps this project's names to the file's headers. `datum` says of longitudes and latitudes what they are
    measured in, which no file says: gcj02 and bd09 are those of Chinese web maps. `as_of` is the day for which the
    file holds. `tags` chooses areas from an OpenStreetMap file. `table` or `query` choose from a database, whose
    address, without any password, is the path.
    """

    sheet: str | None = None
    layer: str | None = None
    header: Annotated[int, Field(ge=1)] | None = None
    crs: str | None = None
    datum: Literal["wgs84", "cgcs2000", "gcj02", "bd09"] | None = None
    encoding: str | None = None
    columns: dict[str, str] = {}
    as_of: dt.date | None = None
    tags: dict[str, str] = {}
    table: str | None = None
    query: str | None = None


class Input(Reading):
    """A file, or a database, and how to read it."""

    path: str


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
    elevation: Annotated[str, Field(min_length=1)] | None = None
    extent: tuple[Degrees, Degrees, Degrees, Degrees] | None = None
    attribution: str | None = None

    @field_validator("extent")
    @classmethod
    def _box(cls, value: tuple[float, float, float, float] | None) -> tuple[float, float, float, float] | None:
        if value and not (value[0] < value[2] and value[1] < value[3] and abs(value[1]) <= 90 and abs(value[3]) <= 90):
            raise ValueError("expected west, south, east, north in degrees, west below east and south below north")
        return value


class SpreadInput(Reading):
    """Where the households of units live whose totals alone are known.

    `over` names what they are spread over: residential `buildings` by footprint times floors (`floors` is for those
    that state none), cells of a population `grid`, `addresses` alike, or the walkable `streets` inside the unit by
    their length, which need no file.
    """

    over: Literal["buildings", "grid", "addresses", "streets"]
    path: str | None = None
    floors: Annotated[float, Field(gt=0)] | None = None

    @property
    def given(self) -> Input | None:
        """The layer to read; None where streets are spread over."""
        if self.path is None:
            return None
        return Input.model_validate({name: getattr(self, name) for name in Input.model_fields})
