"""The result of an assessment: one frozen value from which the map, the report and every table are printed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import pandas as pd

from lifecircle.circles import Circles
from lifecircle.errors import StudyError
from lifecircle.fairness import Fairness
from lifecircle.faults import hint
from lifecircle.standards import Standard
from lifecircle.study import Study
from lifecircle.tables import Tables

if TYPE_CHECKING:
    import folium
    from matplotlib.figure import Figure


@dataclass(frozen=True)
class Explanation:
    """One paragraph in both languages; it prints itself in that of the study."""

    zh: str
    en: str
    lang: str = "zh"

    def __str__(self) -> str:
        """The paragraph in the study's language."""
        return self.zh if self.lang == "zh" else self.en


@dataclass(frozen=True)
class Result:
    """What an assessment found.

    Attributes
    ----------
    units
        One row per unit and rule: value, low, high, verdict, gap, why; see `comply`.
    facilities
        The ledger: every facility with where it counts, for how many m², or why not.
    missing
        The numbers on which unknown verdicts hang, those that settle the most first; see `missing_number_table`.
    reachable
        Floor area per 100 households by territory beside what people can walk to, and whether the two agree.
    circles
        The circles that were made for this study; None where it has its own or needs none.
    equity
        Shares, inequality, Lorenz curves and the unserved, by groups of people; None without dwellings.
    dwellings
        Every dwelling with its unit, minutes to each kind and whether it reaches.
    faults
        What is wrong with the inputs, worst first.
    summary
        The headline figures, as they go into summary.json.
    manifest
        Inputs with sha256, parameters, versions, totals.
    study, tables, standards
        What went in.
    seconds
        How long each stage took; never written to a report.

    """

    study: Study
    tables: Tables
    standards: tuple[Standard, ...]
    units: pd.DataFrame
    facilities: gpd.GeoDataFrame
    dwellings: gpd.GeoDataFrame
    faults: pd.DataFrame
    summary: Mapping[str, Any]
    manifest: Mapping[str, Any]
    missing: pd.DataFrame = field(default_factory=pd.DataFrame)
    reachable: pd.DataFrame = field(default_factory=pd.DataFrame)
    equity: Fairness | None = None
    circles: Circles | None = None
    seconds: Mapping[str, float] = field(default_factory=dict, compare=False)

    def __repr__(self) -> str:
        """Study and verdicts."""
        counts = ", ".join(f"{verdict} {n}" for verdict, n in self.units["verdict"].value_counts(sort=False).items())
        return f"Result({self.study.name}: {counts})"

    def explain(self, unit_id: str, rule: str) -> Explanation:
        """Why a unit meets a rule or not, in one paragraph of each language.

        Parameters
        ----------
        unit_id
            The unit, by its key or a name that only it has, or `district` for the study as a whole.
        rule
            A rule's id, with its standard before a slash where several standards have one of that id.

        Raises
        ------
        StudyError
            The unit or the rule is not known, or the rule does not hold for units of its tier.

        Examples
        --------
        >>> import lifecircle as lc
        >>> why = lc.assess("data/sample").explain("A0104", "shanghai-2021/single-facility")
        >>> print(why.en.partition("Standard")[0].strip())
        石埠居委会, Floor area of each facility: 1 facility counts. The smallest: 374.00 m².

        """
        units = self.units
        names = units["standard"] + "/" + units["rule_id"]
        chosen = (names == rule) | (units["rule_id"] == rule)
        found = units[chosen & (units["unit_id"] == unit_id)]
        found = found if len(found) else units[chosen & (units["name"] == unit_id)]
        if len(found) == 1:
            row = found.iloc[0]
            zh, en = (
                f"{row['name']},{row['rule_zh']}:{row['why_zh']}",
                f"{row['name']}, {row['rule_en']}: {row['why_en']}",
            )
            return Explanation(zh, en, self.study.study.language)
        raise StudyError(_not_explained(self, unit_id, rule, list(names[chosen].unique())))

    def map(self, *, beside: Result | None = None, basemap: str = "", embed_token: bool = False) -> folium.Map:
        """The map of this result; it shows itself in a notebook and opens without internet.

        Parameters
        ----------
        beside
            Another result, such as an earlier year's, on a second map that moves along.
        basemap
            Tiles from the internet: osm, tianditu, amap or the address of any XYZ tiles; none where empty.
        embed_token
            Write the Tianditu token of the environment into the map; else the map asks for one.

        """
        from lifecircle.publish.map import draw_map
        from lifecircle.publish.payload import map_payload

        other = None if beside is None else map_payload(beside)
        return draw_map(map_payload(self), beside=other, basemap=basemap, embed_token=embed_token)

    def plot_minutes(self) -> Figure | None:
        """Households by how long they walk, with the limit and the walks around it; None without walks."""
        from lifecircle.publish.plots import minutes_figure

        return minutes_figure(self)

    def plot_floor_area(self) -> Figure | None:
        """Floor area per 100 households of each unit, with its bounds and what is asked; None where no rule asks."""
        from lifecircle.publish.plots import floor_area_figure

        return floor_area_figure(self)

    def plot_gaps(self) -> Figure | None:
        """Floor area missing in each subdistrict, and in all; None where no rule asks for any."""
        from lifecircle.publish.plots import gap_figure

        return gap_figure(self)

    def plot_lorenz(self) -> Figure | None:
        """How evenly floor area within reach and walks are spread over households; None without them."""
        from lifecircle.publish.plots import lorenz_figure

        return lorenz_figure(self)


def _not_explained(result: Result, unit_id: str, rule: str, rules: list[str]) -> str:
    """Why there is nothing to explain: one line with what there is."""
    units = list(dict.fromkeys(result.units["unit_id"]))
    known = list(dict.fromkeys(result.units["standard"] + "/" + result.units["rule_id"]))
    if not rules:
        return f"rule '{rule}': no such rule; expected one of {', '.join(known)}{hint(rule, known)['hint']}"
    if unit_id not in units:
        return f"unit '{unit_id}': no such unit; expected a unit_id such as {units[0]}{hint(unit_id, units)['hint']}"
    if len(rules) > 1:
        return f"rule '{rule}': {len(rules)} standards have one; expected one of {', '.join(rules)}. Name the standard"
    tiers = ", ".join(dict.fromkeys(result.units.loc[result.units["rule_id"] == rule.split("/")[-1], "tier"]))
    return f"unit '{unit_id}': rule '{rule}' does not hold for it; expected a unit of tier {tiers}. Name such a unit"
