"""What is drawn: streets, gates, buildings, areas, dwellings and sites for facilities."""

from dataclasses import dataclass, field

from shapely import LineString, Point, Polygon

Tags = dict[str, str]


@dataclass(frozen=True)
class Street:
    """One way. A raised one meets others at its ends only; a lone one (expressway) meets none."""

    line: LineString
    tags: Tags
    raised: bool = False


@dataclass(frozen=True)
class Gate:
    """A gate: a point of an inner street and of a wall."""

    point: Point
    tags: Tags


@dataclass(frozen=True)
class Shape:
    """A building or an area with its tags."""

    polygon: Polygon
    tags: Tags


@dataclass
class Dwelling:
    """Where households live: `weight` shares out the households of the neighbourhood, `groups` counts some of them."""

    point: Point
    kind: str
    unit_id: str
    weight: float
    name: str = ""
    n_households: int | None = None
    home: str = ""
    groups: list[int | None] = field(default_factory=list)


@dataclass(frozen=True)
class Site:
    """A place where a facility can stand; main sites come first."""

    point: Point
    unit_id: str


@dataclass
class Town:
    """Everything that is drawn."""

    streets: list[Street] = field(default_factory=list)
    gates: list[Gate] = field(default_factory=list)
    walls: list[LineString] = field(default_factory=list)
    buildings: list[Shape] = field(default_factory=list)
    areas: list[Shape] = field(default_factory=list)
    dwellings: list[Dwelling] = field(default_factory=list)
    sites: list[Site] = field(default_factory=list)
