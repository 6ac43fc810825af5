"""Names of units where keys belong: put into keys where they are sure, with a line in the list of faults each."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial

import geopandas as gpd
import numpy as np
import pandas as pd

from lifecircle.faults import Fault, Where, fault, hint
from lifecircle.keys import places_among
from lifecircle.provenance import header_of, where_of
from lifecircle.readers.headers import above_headers, tier_of_header
from lifecircle.readers.unit_names import Book, Match, book_of
from lifecircle.tables import TIERS, Tables
from lifecircle.words import term

_EACH = 50  # rows of one name up to which every row is told by itself


@dataclass(frozen=True)
class Named:
    """A column whose cells name units: its header, where its rows are, and what is done with names.

    `tiers` are those that its units can be of, all where empty. `similar` is how like a name must be that is not the
    same. `unknown` is the check that an unknown name fails; empty where another stage says so. `households` are those
    of each row, where rows have any.
    """

    header: str
    where: Callable[[int], Where]
    tiers: tuple[str, ...] = ()
    similar: float | None = None
    unknown: str = "unknown-unit"
    households: np.ndarray | None = None


def with_unit_keys(tables: Tables, *, similar: float | None = None) -> Tables:
    """Tables in which units are named by their keys, as far as their names are sure; every name taken is told.

    These are units' parent_id, then unit_id and serves of facilities and candidates, and unit_id of dwellings. A name
    that is not sure is left empty, with a fault. See `with_codes` for what is sure.
    """
    units = tables.units
    if not len(units):
        return tables
    units, faults = _with_parents(tables, similar)
    tables = replace(tables, units=units)
    for name in ("facilities", "candidates", "dwellings"):
        table = getattr(tables, name)
        for column, coded in (("unit_id", with_codes), ("serves", _with_shares)):
            if len(table) and column in table:
                said = Named(header_of(tables, name, column), _places(tables, name), similar=similar)
                said = replace(said, households=_households(table))
                table, found = coded(table, column, units, said)
                faults += found
        if len(table) and name != "candidates":
            table, found = _by_what_is_above(tables, name, table, units)
            faults += found
        tables = replace(tables, **{name: table})
    return replace(tables, faults=(*tables.faults, *faults))


def with_codes(
    table: gpd.GeoDataFrame, column: str, units: gpd.GeoDataFrame, said: Named
) -> tuple[gpd.GeoDataFrame, list[Fault]]:
    """A table whose column holds keys of units in the place of their names, and what was done.

    A cell is a key, or the name of one unit; else a name that is the same once spaces, full-width letters, digits (1 is
    一), brackets, suffixes and the names of what it lies in are taken off. Brackets that say something else, and
    suffixes of another kind of unit, make another name: 居委会、居民委员会 and 社区 are one kind; 村、街道、镇 and 乡,
    each with its offices, are others. Else, where the study says how similar, the likest name if no other is nearly as
    like, no number differs, and the names without suffixes are as similar too, or differ in one character; where they
    have three or more, one wrong character is always taken. Of units of one name, that of the tier which the header
    speaks of, then the one that lies where the row's other columns say. What is left is a fault, and the cell is empty.

    Parameters
    ----------
    table
        The rows; a column of texts.
    column
        The column that names units.
    units
        Columns unit_id, name, tier, parent_id.
    said
        Its header and what is done with it.

    Returns
    -------
    The table with that column alone changed, and faults.

    """
    codes, words = pd.factorize(table[column].fillna("").astype("str"))
    sure = np.asarray(words == "") | (places_among(words, units["unit_id"]) >= 0)
    rows = np.flatnonzero(~sure[codes])
    if not len(rows):
        return table, []
    allowed = units[units["tier"].isin(said.tiers)] if said.tiers else units
    book, tier = book_of(units if len(allowed) == len(units) else allowed), tier_of_header(said.header)
    which, asked = _asked(table, column, rows, codes, np.asarray(words, dtype=object))
    found = [book.match(word, tier=tier, context=context, similar=said.similar) for word, context in asked]
    result = table[column].fillna("").astype("str").to_numpy(dtype=object)
    if tier and tier not in set(book.tiers) and not any(one.keys for one in found):
        result[rows] = ""
        named = term("tier", tier)
        values = {"column": said.header, "tier": named["en"], "tier_zh": named["zh"]}
        note = fault("no-such-tier", replace(said.where(int(rows[0])), row=None, record="", households=None), **values)
        return table.assign(**{column: pd.array(result, dtype="str")}), [note]
    keep = not said.unknown
    keys = [_key(one, word if keep else "") for one, (word, _) in zip(found, asked, strict=True)]
    result[rows] = np.array(keys, dtype=object)[which]
    faults = list(_told(found, asked, which, rows, said, book))
    return table.assign(**{column: pd.array(result, dtype="str")}), faults


def _key(match: Match, otherwise: str) -> str:
    return match.keys[0] if len(match.keys) == 1 and not match.above else otherwise


def _asked(
    table: gpd.GeoDataFrame, column: str, rows: np.ndarray, codes: np.ndarray, words: np.ndarray
) -> tuple[np.ndarray, list[tuple[str, tuple[str, ...]]]]:
    """The distinct names of some rows, each with what else its row says of where it lies; and which row asks which."""
    headers = [name for name in above_headers(map(str, table.columns)) if name != column]
    parts, spelt = [codes[rows]], [words]
    for header in headers:
        part, values = pd.factorize(table[header].iloc[rows].fillna("").astype("str"))
        parts.append(part)
        spelt.append(np.asarray(values, dtype=object))
    frame = pd.DataFrame(dict(enumerate(parts)))
    which = frame.groupby(list(frame.columns), sort=False).ngroup().to_numpy()
    first = np.unique(which, return_index=True)[1]
    cells = [[spelt[at][part[place]] for at, part in enumerate(parts)] for place in first]
    return which, [(word, tuple(one for one in above if one)) for word, *above in cells]


def _told(
    found: Sequence[Match],
    asked: Sequence[tuple[str, tuple[str, ...]]],
    which: np.ndarray,
    rows: np.ndarray,
    said: Named,
    book: Book,
) -> Iterator[Fault]:
    """A line for each name that was not a key: once for what was taken, for every row what was not."""
    order = np.argsort(which, kind="stable")
    groups = dict(enumerate(np.split(rows[order], np.cumsum(np.bincount(which))[:-1])))
    same: dict[tuple[str, Match], list[int]] = {}
    for at, (match, (word, _)) in enumerate(zip(found, asked, strict=True)):
        same.setdefault((word, match), []).append(at)
    for (word, match), members in same.items():
        places = np.sort(np.concatenate([groups[at] for at in members]))
        if match.keys or said.unknown:
            yield from _lines(word, match, places, said, book)


def _lines(word: str, match: Match, places: np.ndarray, said: Named, book: Book) -> Iterator[Fault]:
    values: dict[str, object] = {"column": said.header, "found": word}
    if len(match.keys) == 1:
        taken = book.called(match.keys[0])
        if match.above:
            yield from _each("elsewhere-name", places, said, values | {"taken": taken, "above": match.above})
        elif match.how in {"plain", "similar"}:
            check = "similar-name" if match.how == "similar" else "normalised-name"
            values |= {"taken": taken, "n": len(places), "score": f"{match.score:.2f}"}
            yield fault(check, _where_all(places, said), **values)
    elif match.keys:
        known = [book.called(key) for key in match.keys]
        values |= {"units": " or ".join(known), "units_zh": "或".join(known)}
        yield from _each("ambiguous-name", places, said, values)
    else:
        meant = book.nearest(word)
        near = hint(meant, [meant]) if meant else {"hint": "", "hint_zh": ""}
        if len(places) > _EACH:
            yield fault("unknown-units", _where_all(places, said), n=len(places), **values, **near)
        else:
            yield from (fault(said.unknown, said.where(int(place)), **values, **near) for place in places)


def _each(check: str, places: np.ndarray, said: Named, values: dict[str, object]) -> Iterator[Fault]:
    """A fault for every row, or one for all of very many."""
    if len(places) <= _EACH:
        yield from (fault(check, said.where(int(place)), **values, rows="", rows_zh="") for place in places)
        return
    many = {"rows": f" in {len(places)} rows", "rows_zh": f"(共 {len(places)} 行)"}
    yield fault(check, _where_all(places, said), **values, **many)


def _where_all(places: np.ndarray, said: Named) -> Where:
    """Where the first of some rows is, with the households of all of them."""
    where = said.where(int(places[0]))
    if said.households is None:
        return where
    known = said.households[places]
    known = known[~np.isnan(known)]
    return replace(where, households=float(known.sum()) if len(known) else None)


def _households(table: pd.DataFrame) -> np.ndarray | None:
    return table["households"].to_numpy(dtype="float64") if "households" in table else None


def _by_what_is_above(
    tables: Tables, name: str, table: gpd.GeoDataFrame, units: gpd.GeoDataFrame
) -> tuple[gpd.GeoDataFrame, list[Fault]]:
    """Rows without coordinates that name no unit put into the lowest that another column of theirs names."""
    faults: list[Fault] = []
    for header in above_headers(map(str, table.columns)):
        silent = (table["unit_id"] == "") & table.geometry.isna() & (table.get("serves", "") == "")
        rows = np.flatnonzero(silent.to_numpy())
        if not len(rows):
            break
        said = Named(header, lambda at, rows=rows: where_of(tables, name, int(rows[at])))  # type: ignore[misc]
        spelt = table[header].iloc[rows].fillna("").astype("str")
        said = replace(said, households=_households(table.iloc[rows]))
        found, wrong = with_codes(table.iloc[rows].assign(unit_id=spelt), "unit_id", units, said)
        keys = table["unit_id"].to_numpy(dtype=object).copy()
        keys[rows] = found["unit_id"]
        table, faults = table.assign(unit_id=pd.array(keys, dtype="str")), [*faults, *wrong]
    return table, faults


def _places(tables: Tables, name: str) -> Callable[[int], Where]:
    return lambda place: where_of(tables, name, place)


def _with_parents(tables: Tables, similar: float | None) -> tuple[gpd.GeoDataFrame, list[Fault]]:
    """Units whose parents are named by their keys: each a unit of a higher tier."""
    units, faults = tables.units, list[Fault]()
    whole = not any(dict(one.values).get("key", "").startswith("[units] layers") for one in tables.faults)
    parents = units["parent_id"].fillna("").astype("str").to_numpy(dtype=object).copy()
    for rank, tier in enumerate(TIERS):
        rows = np.flatnonzero((units["tier"] == tier).to_numpy())
        header = _parent_header(tables, tier)
        spoken = tier_of_header(header)
        if len(rows) and spoken and TIERS.index(spoken) <= rank:  # a column that names the unit itself
            own = ~np.isin(parents[rows], units["unit_id"].to_numpy(dtype=object))
            parents[rows[own]] = ""
        elif len(rows):
            where = partial(_where_among, tables, rows)
            said = Named(header, where, TIERS[rank + 1 :], similar, "unknown-parent-unit" if whole else "")
            said = replace(said, households=_households(units.iloc[rows]))
            coded, found = with_codes(units.iloc[rows], "parent_id", units, said)
            parents[rows] = coded["parent_id"].to_numpy(dtype=object)
            faults += found
    return units.assign(parent_id=pd.array(parents, dtype="str")), faults


def _where_among(tables: Tables, rows: np.ndarray, at: int) -> Where:
    return where_of(tables, "units", int(rows[at]))


def _parent_header(tables: Tables, tier: str) -> str:
    found = [
        dict(source.headers).get("parent_id", "")
        for source in tables.sources
        if source.table == "units" and source.tier in {tier, ""}
    ]
    return next(filter(None, found), "parent_id")


def _with_shares(
    table: gpd.GeoDataFrame, column: str, units: gpd.GeoDataFrame, said: Named
) -> tuple[gpd.GeoDataFrame, list[Fault]]:
    """Shares such as `示例居委会:0.6;…` with keys in the place of names; what is not sure stays as it is written."""
    texts = table[column].fillna("").astype("str")
    pieces = [
        (place, piece.strip().partition(":"))
        for place, text in enumerate(texts)
        for piece in re.split("[;\uff1b]", text.replace("\uff1a", ":"))
        if piece.strip()
    ]
    if not pieces:
        return table, []
    rows = np.array([place for place, _ in pieces])
    names = pd.array([name.strip() for _, (name, _, _) in pieces], dtype="str")
    named = pd.DataFrame(table.drop(columns=table.geometry.name)).iloc[rows].reset_index(drop=True)
    known = None if said.households is None else said.households[rows]
    inner = replace(said, where=lambda at: said.where(int(rows[at])), unknown="", households=known)
    coded, faults = with_codes(named.assign(**{column: names}), column, units, inner)
    if (coded[column] == names).all():
        return table, faults
    parts: dict[int, list[str]] = {}
    for (place, (_, colon, share)), key in zip(pieces, coded[column], strict=True):
        parts.setdefault(place, []).append(f"{key}{colon}{share}")
    changed = {place: ";".join(found) for place, found in parts.items()}
    result = [changed.get(place, text) for place, text in enumerate(texts)]
    return table.assign(**{column: pd.array(result, dtype="str")}), faults
