"""Headers as offices write them, matched to the columns of a table's contract."""

from __future__ import annotations

import difflib
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import cache
from typing import Any

import pandas as pd

from lifecircle.faults import Fault, Where, fault, hint
from lifecircle.readers.heads import plain_header
from lifecircle.tables import CONTRACTS, Source
from lifecircle.words import shipped

__all__ = [
    "above_headers", "contract_of", "known_headers", "plain_header", "spellings", "tier_of_header",
    "understood_headers", "understood_table",
]  # fmt: skip

_NEAR, _SIMILAR = 0.5, 0.7  # of two spellings, as difflib measures it; the first to suggest, the second to refuse
_SHORT = 2  # spellings this short look like too many others
_REPEATED = re.compile(r"(.+) \(\d+\)")  # how a header that stands twice in a file is told from the first
_INSTEAD = {  # what can stand for a column that is not there: names for keys, an address for coordinates
    ("units", "unit_id"): ("name",),
    ("facilities", "x"): ("address", "unit_id"),
    ("facilities", "y"): ("address", "unit_id"),
    ("dwellings", "x"): ("unit_id",),
    ("dwellings", "y"): ("unit_id",),
}


def understood_headers(
    headers: Sequence[str], where: Where, mapped: Mapping[str, str], *, needs_place: bool = False
) -> tuple[dict[str, str], list[Fault]]:
    """Which header holds which column of the table's contract, and what could not be understood.

    Parameters
    ----------
    headers
        The headers as the file has them.
    where
        The file and sheet, and the table it is read for.
    mapped
        What the study says: column to header; an empty header means that the file has no such column.
    needs_place
        Whether x and y are needed as columns.

    Returns
    -------
    dict of column to header, and faults.

    """
    contract = contract_of(where.table)
    aliases = spellings(contract)
    spelt = _spelt(headers)
    plain = {word: same[0] for word, same in spelt.items()}
    found = {name: plain[plain_header(header)] for name, header in mapped.items() if plain_header(header) in plain}
    found |= {name: header for name, header in mapped.items() if header in headers}
    faults = _map_faults(mapped, found, aliases, plain, where)
    for name, levels in aliases.items():
        candidates = [] if name in mapped else _candidates(levels, spelt, found.values())
        if len(candidates) > 1:
            faults.append(fault("ambiguous-column", where, name=name, found=" / ".join(candidates)))
        if candidates:
            found[name] = candidates[0]
    required = [column.name for column in CONTRACTS[contract] if column.required] + (["x", "y"] if needs_place else [])
    open_names = [name for name in aliases if name not in found and name not in mapped]
    absent = [name for name in open_names if name in required]
    missing = [_missing(name, aliases[name][0], plain, where, found.values()) for name in absent]
    faults += [one for one in missing if not _named_instead(one, contract, found)]
    guessed = {  # what is known by its own name alone, as a tag of OpenStreetMap is, is not guessed at
        name: aliases[name][0] for name in open_names if name not in required and len(aliases[name][0]) > 1
    }
    unused = [header for header in headers if header not in found.values()]
    told = _other_meanings(contract, open_names, unused, where)
    return found, faults + told + _misspelt(guessed, [one for one in unused if not _is_told(one, told)], where)


def known_headers(cells: Iterable[object], table: str) -> int:
    """How many cells are headers that the table's contract knows."""
    aliases = spellings(contract_of(table)).values()
    known = {plain_header(word) for levels in aliases for words in levels for word in words}
    return sum(plain_header(str(cell)) in known for cell in cells)


def understood_table(sources: Iterable[Source]) -> pd.DataFrame:
    """Which header was understood as which column, one row each: table, file, sheet, column, header."""
    rows = [
        (source.table, source.file, source.sheet, column, header)
        for source in sources
        for column, header in source.headers
    ]
    return pd.DataFrame(rows, columns=["table", "file", "sheet", "column", "header"], dtype="str")


def tier_of_header(header: str) -> str:
    """The tier of the units that a header speaks of, empty where it speaks of none.

    >>> tier_of_header("所属街镇"), tier_of_header("居委编码"), tier_of_header("上级单元")
    ('subdistrict', 'neighbourhood', '')
    """
    known: dict[str, str] = _tiers_of_headers()
    return known.get(plain_header(header), "")


def above_headers(headers: Iterable[str]) -> list[str]:
    """Of some headers those that name units or districts which a row is or lies in, the lowest first.

    >>> above_headers(["省", "乡", "县", "name"])
    ['乡', '县', '省']
    """
    order = list(shipped("headers.toml")["above"])
    tiers = {header: tier for header in headers if (tier := _tiers_of_headers(codes=False).get(plain_header(header)))}
    return sorted(tiers, key=lambda header: order.index(tiers[header]))


def contract_of(table: str) -> str:
    """The contract that a table is read by."""
    return "facilities" if table == "candidates" else table


@cache
def _tiers_of_headers(*, codes: bool = True) -> dict[str, str]:
    groups = ["codes", "above"] if codes else ["above"]
    known = shipped("headers.toml")
    return {plain_header(word): tier for group in groups for tier, words in known[group].items() for word in words}


@cache
def spellings(contract: str) -> dict[str, list[list[str]]]:
    """The spellings of each column, in lists of which each goes before the next."""
    known = shipped("headers.toml")
    entry = known[contract]
    levels: dict[str, list[list[str]]] = {
        name: [entry[name], *(_listed(one) for one in entry.get("next", {}).get(name, []))]
        for name in entry
        if isinstance(entry[name], list)
    }
    return levels


def _listed(words: Any) -> list[str]:
    """A list of spellings, or the one that is called so."""
    if isinstance(words, list):
        return list(words)
    group, tier = words.split(".")
    named: list[str] = shipped("headers.toml")[group][tier]
    return named


def _spelt(headers: Sequence[str]) -> dict[str, list[str]]:
    """Headers by their plain word; one that is told apart by a number alone stands with the first."""
    spelt: dict[str, list[str]] = {}
    for header in headers:
        again = _REPEATED.fullmatch(header)
        spelt.setdefault(plain_header(again[1] if again and again[1] in headers else header), []).append(header)
    return spelt


def _candidates(levels: list[list[str]], spelt: Mapping[str, list[str]], used: Collection[str]) -> list[str]:
    """The headers of the first list that has any."""
    for words in levels:
        plain = dict.fromkeys(map(plain_header, words))
        found = [header for word in plain for header in spelt.get(word, ()) if header not in used]
        if found:
            return found
    return []


def _map_faults(
    mapped: Mapping[str, str],
    found: Mapping[str, str],
    aliases: Collection[str],
    plain: Mapping[str, str],
    where: Where,
) -> list[Fault]:
    """What the study's map names and the file or the contract does not have."""
    unknown = [
        fault("unknown-setting", "study.toml", field=f"[{where.table}.columns] {name}", **hint(name, aliases))
        for name in mapped
        if name not in aliases
    ]
    absent = [
        _missing(name, [header], plain, where, found.values())
        for name, header in mapped.items()
        if header and name in aliases and name not in found
    ]
    return unknown + absent


def _missing(
    name: str, looked_for: Sequence[str], plain: Mapping[str, str], where: Where, used: Collection[str]
) -> Fault:
    """A column that is not there, with the unused header that looks most like it."""
    unused = [word for word, header in plain.items() if header not in used]
    close = [
        plain[near[0]]
        for word in looked_for
        if (near := difflib.get_close_matches(plain_header(word), unused, n=1, cutoff=_NEAR))
    ]
    expected, found = " / ".join(looked_for[:3]), ", ".join(plain.values())
    near_word = hint("".join(close[:1]), close)
    numbers = plain["序号"] if "序号" in unused else ""
    if name in {"facility_id", "dwelling_id"} and (numbers or not close):
        near_word = _number_the_rows(name, numbers)
    return fault("missing-column", where, name=name, expected=expected, found=found, **near_word)


def _number_the_rows(name: str, numbers: str) -> dict[str, str]:
    """What a register without keys can do: take the numbers of its rows, or number them."""
    if numbers:
        said = f'{name} = "{numbers}" takes the numbers of the rows'
        return {"hint": f"; {said}", "hint_zh": f';可写 {name} = "{numbers}",以序号为编码'}
    return {"hint": "; or number the rows 1, 2, 3 …", "hint_zh": ";或按 1、2、3 … 逐行编号"}


def _named_instead(missing: Fault, contract: str, found: Mapping[str, str]) -> bool:
    """Whether other columns stand for one that is not there, and nothing looks like a misspelt one."""
    values = dict(missing.values)
    instead = _INSTEAD.get((contract, values["name"]), ())
    return not values["hint"] and any(name in found for name in instead) and not {"x", "y"} & set(found)


def _other_meanings(contract: str, open_names: Sequence[str], unused: Sequence[str], where: Where) -> list[Fault]:
    """Unused headers that look like a column which is not there and mean something else, or could mean two things."""
    known = shipped("headers.toml")[contract]
    faults = []
    for group, check in (("never", "other-column"), ("vague", "vague-column")):
        for name, words in known.get(group, {}).items():
            plain = set(map(plain_header, words))
            meant = [header for header in unused if plain_header(header) in plain] if name in open_names else []
            faults += [fault(check, where, found=header, name=name) for header in meant[:1]]
    return faults


def _is_told(header: str, told: Iterable[Fault]) -> bool:
    return any(dict(one.values)["found"] == header for one in told)


def _misspelt(names: Mapping[str, Sequence[str]], unused: Sequence[str], where: Where) -> list[Fault]:
    """Unused headers that look like a column that was not found."""
    faults = []
    known_others = set(map(plain_header, shipped("headers.toml")["others"]["headers"])) | set(_tiers_of_headers())
    for header in unused:
        for name, known in names.items():
            words = [plain_header(word) for word in known if len(word) > _SHORT]
            word = plain_header(header)
            near = [] if word in known_others else difflib.get_close_matches(word, words, n=1, cutoff=_SIMILAR)
            if near:
                faults.append(fault("misspelt-column", where, found=header, hint=near[0], name=name))
                break
    return faults
