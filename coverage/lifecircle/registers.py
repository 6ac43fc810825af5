"""What is wrong with the register of facilities, and with the numbers of all tables."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import replace
from decimal import Decimal, localcontext
from itertools import chain

import numpy as np

from lifecircle.faults import Fault, fault, hint
from lifecircle.intervals import exact
from lifecircle.provenance import called, header_of, where_of
from lifecircle.shares import parse_shares
from lifecircle.tables import CONTRACTS, Tables, completed

_PARTS = ("service_area_m2", "office_area_m2")
_HINTED = 20  # misspelt keys for which a like one is looked for
_LINKS = {"part_of": ("part-of-itself", "part-circle"), "site_of": ("site-of-itself", "site-circle")}


def group_faults(tables: Tables, columns: Collection[str], of: str) -> Iterator[Fault]:
    """A fault for every dwelling that counts more people of a group than it has in all, or parts of one."""
    homes, header = tables.dwellings, header_of(tables, "dwellings", of)
    if of not in homes:
        return
    whole = homes[of].to_numpy(dtype="float64")
    for column in columns:
        if column not in homes:
            continue
        counts = homes[column].to_numpy(dtype="float64")
        for place in np.flatnonzero((counts > whole) | (counts % 1 > 0)).tolist():
            where, found = where_of(tables, "dwellings", place), f"{counts[place]:.15g}"
            if counts[place] > whole[place]:
                values = {"whole": header, "of": f"{whole[place]:.15g}"}
                yield fault("group-above-all", where, column=column, found=found, **values)
            else:
                yield fault("not-whole", where, column=column, found=found)


def register_faults(tables: Tables, *, most_m2: float, lost: Collection[tuple[str, str]] = ()) -> Iterator[Fault]:
    """Every fault of the register of facilities, and every number that cannot be.

    Shares that are not understood, facilities that are part of or a site of what they cannot be, leases that end before
    they begin, areas that are absurd or smaller than their parts, households that are not whole, and floor areas that
    nobody states.

    Parameters
    ----------
    tables
        The inputs.
    most_m2
        The largest floor area that one facility can have, in square metres.
    lost
        What could not be read of which table: `rows`, `keys` or `places`.

    """
    tables = replace(tables, facilities=completed(tables.facilities, "facilities"))
    if ("facilities", "rows") not in lost:
        yield from _silent_facilities(tables)
        yield from _leases(tables)
        yield from _shares(tables) if ("units", "keys") not in lost else ()
    if ("facilities", "keys") not in lost:
        yield from _links(tables)
    for table in ("units", "dwellings", "facilities", "candidates"):
        yield from _numbers(tables, table)
    for table in ("facilities", "candidates"):
        yield from chain(_absurd_areas(tables, table, most_m2), _parts(tables, table))


def _shares(tables: Tables) -> Iterator[Fault]:
    """Shares that are not understood or sum to more than 1, and units among them that do not exist."""
    known, header = set(tables.units["unit_id"]), header_of(tables, "facilities", "serves")
    texts = tables.facilities["serves"].to_numpy(dtype=object)
    read = {text: parse_shares(text) for text in set(texts) - {""}}
    odd = {text for text, shares in read.items() if shares is None or not known.issuperset(shares)}
    near = _hints((key for text in sorted(odd) for key in sorted(set(read[text] or ()) - known)), known)
    for place in [place for place, text in enumerate(texts) if text in odd]:
        text, where = texts[place], where_of(tables, "facilities", place)
        shares, total = read[text], _sum_of_parts(text)
        if shares is None and total > 1:
            yield fault("shares-above-one", where, column=header, found=text, sum=total)
        elif shares is None:
            yield fault("wrong-shares", where, column=header, found=text)
        for unit_id in sorted(set(shares or ()) - known):
            yield fault("unknown-unit", where, column=header, found=unit_id, **near[unit_id])


def _sum_of_parts(text: str) -> Decimal:
    """What the shares of a text sum to, each of which is understood by itself; 0 where one of them is not.

    >>> _sum_of_parts("B0103:0.6;B0104:0.6"), _sum_of_parts("B0103:0.6;B0103:0.6")
    (Decimal('1.2'), Decimal('0'))
    """
    parts = [parse_shares(part) or {} for part in re.split(r"[;；]", text)]
    keys = [key for part in parts for key in part]
    whole = len(set(keys)) == len(parts)
    with localcontext(prec=60):
        return sum((share for part in parts for share in part.values()), Decimal(0)) if whole else Decimal(0)


def _hints(words: Iterable[str], known: Collection[str]) -> dict[str, dict[str, str]]:
    """A hint for each word; none after the first `_HINTED`, as each is compared with every known one."""
    found: dict[str, dict[str, str]] = {}
    for word in words:
        if word not in found:
            found[word] = hint(word, [key for key in known if key != word] if len(found) < _HINTED else ())
    return found


def _links(tables: Tables) -> Iterator[Fault]:
    """Facilities that are part of, or a site of, what is not there, themselves, or what leads back to them."""
    facilities = tables.facilities
    keys, parts, sites = (facilities[name].tolist() for name in ("facility_id", "part_of", "site_of"))
    headers = {name: header_of(tables, "facilities", name) for name in _LINKS}
    known, hosts = set(keys), {key: part or site for key, part, site in zip(keys, parts, sites, strict=True)}
    round_ = _circles(hosts)
    near: dict[tuple[str, str], dict[str, str]] = {}
    for place, (key, part, site) in enumerate(zip(keys, parts, sites, strict=True)):
        if not part and not site:
            continue
        if part and site:
            named = {"column": headers["part_of"], "column_2": headers["site_of"]}
            yield fault("part-and-site", where_of(tables, "facilities", place), found=part, other=site, **named)
        for column, host in (("part_of", part), ("site_of", site)):
            itself, circle = _LINKS[column]
            values = {"column": headers[column], "found": host}
            if host and host not in known:
                if (host, key) not in near:
                    near[host, key] = hint(host, known - {key} if len(near) < _HINTED else ())
                yield fault("unknown-facility", where_of(tables, "facilities", place), **values, **near[host, key])
            elif host == key:
                yield fault(itself, where_of(tables, "facilities", place), **values)
            elif host and host == hosts[key] and key in round_:
                yield fault(circle, where_of(tables, "facilities", place), **values)


def _circles(above: dict[str, str]) -> set[str]:
    """The keys from which the way up leads back to themselves.

    >>> sorted(_circles({"a": "b", "b": "a", "c": "a", "d": ""}))
    ['a', 'b']
    """
    seen: dict[str, int] = {}
    found: set[str] = set()
    for number, start in enumerate(above):
        line, key = [], start
        while key and key not in seen:
            seen[key] = number
            line.append(key)
            key = above.get(key, "")
        if key in line and seen[key] == number:
            found.update(line[line.index(key) :])
    return found


def _leases(tables: Tables) -> Iterator[Fault]:
    facilities, header = tables.facilities, header_of(tables, "facilities", "lease_until")
    for place in np.flatnonzero((facilities["lease_until"] < facilities["lease_from"]).to_numpy()).tolist():
        ends, begins = (facilities[name].iloc[place].date().isoformat() for name in ("lease_until", "lease_from"))
        yield fault("lease-order", where_of(tables, "facilities", place), column=header, found=ends, begins=begins)


def _numbers(tables: Tables, table: str) -> Iterator[Fault]:
    """Numbers below 0 that reading has not found, and households that are not whole."""
    frame = getattr(tables, table)
    told = {(one.where.row, dict(one.values).get("column")) for one in tables.faults if one.where.table == table}
    contract = CONTRACTS["facilities" if table == "candidates" else table]
    for column in (one.name for one in contract if one.non_negative and one.name in frame):
        header, numbers = header_of(tables, table, column), frame[column].to_numpy(dtype="float64")
        odd = (numbers % 1 != 0) & ~np.isnan(numbers) if column == "households" else np.zeros(len(numbers), dtype=bool)
        for place in np.flatnonzero((numbers < 0) | odd).tolist():
            where = where_of(tables, table, place)
            if (where.row, header) not in told:
                check = "negative-number" if numbers[place] < 0 else "not-whole"
                yield fault(check, where, column=header, found=f"{numbers[place]:.15g}")


def _absurd_areas(tables: Tables, table: str, most_m2: float) -> Iterator[Fault]:
    frame = getattr(tables, table)
    for column in ("floor_area_m2", *_PARTS):
        for place in np.flatnonzero((frame[column] > most_m2).to_numpy()).tolist():
            values = {"found": f"{frame[column].iloc[place]:.15g}", "most": f"{most_m2:,.15g}"}
            header = header_of(tables, table, column)
            yield fault("absurd-area", where_of(tables, table, place), column=header, **values)


def _parts(tables: Tables, table: str) -> Iterator[Fault]:
    """Facilities whose service and office areas are more than their floor area."""
    frame = getattr(tables, table)
    areas = {name: frame[name].to_numpy(dtype="float64") for name in ("floor_area_m2", *_PARTS)}
    whole_m2 = areas["floor_area_m2"]
    parts_m2 = sum(np.nan_to_num(areas[name]) for name in _PARTS)
    near = (parts_m2 > whole_m2 * (1 - 1e-9)) & (whole_m2 >= 0) & (parts_m2 > 0)  # to be looked at exactly
    for place in np.flatnonzero(near).tolist():
        stated = [name for name in _PARTS if not np.isnan(areas[name][place])]
        found, whole = sum(exact(areas[name][place]) for name in stated), exact(whole_m2[place])
        if found > whole:
            headers = [header_of(tables, table, name) for name in stated]
            values = {"parts": " + ".join(headers), "parts_zh": "、".join(headers), "found": f"{float(found):.15g}"}
            header = header_of(tables, table, "floor_area_m2")
            where = where_of(tables, table, place)
            yield fault("parts-exceed-area", where, column=header, whole=f"{float(whole):.15g}", **values)


def _silent_facilities(tables: Tables) -> Iterator[Fault]:
    """Open facilities that count on their own and whose floor area is not stated, where the register states any."""
    facilities = tables.facilities
    alone = facilities["status"].isin(["open", ""]) & (facilities["part_of"] == "")
    silent = facilities["floor_area_m2"].isna() & alone
    if silent.all():
        silent &= False
    told = {one.where.row for one in tables.faults if one.where.table == "facilities"}
    for place in np.flatnonzero(silent.to_numpy()):
        where = where_of(tables, "facilities", int(place))
        if where.row not in told:
            yield fault("unknown-area", where, found=called(facilities, "facilities", int(place)))
