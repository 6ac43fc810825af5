"""Headers as offices write them, matched to the columns of a table's contract."""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Collection, Iterable, Mapping, Sequence

from lifecircle.faults import Fault, Where, fault, hint
from lifecircle.tables import CONTRACTS
from lifecircle.words import shipped

_UNIT = re.compile(r"[(\[](m2|平方米|平米|户|人|万元|米|m)[)\]]")
_NEAR, _SIMILAR = 0.5, 0.7  # of two spellings, as difflib measures it; the first to suggest, the second to refuse
_SHORT = 2  # spellings this short look like too many others


def plain_header(header: str) -> str:
    """A header without spaces, line breaks and units, full-width characters made half-width.

    >>> plain_header("建筑面积（㎡）")
    '建筑面积'
    """
    text = unicodedata.normalize("NFKC", "".join(str(header).split())).lower()
    return _UNIT.sub("", text)


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
    contract = "facilities" if where.table == "candidates" else where.table
    aliases: dict[str, list[str]] = shipped("headers.toml")[contract]
    plain: dict[str, str] = {}
    for header in headers:
        plain.setdefault(plain_header(header), header)
    found = {name: plain[plain_header(header)] for name, header in mapped.items() if plain_header(header) in plain}
    faults = _map_faults(mapped, found, aliases, plain, where)
    spelt: dict[str, list[str]] = {}
    for header in headers:
        spelt.setdefault(plain_header(header), []).append(header)
    free = {word: header for word, header in plain.items() if header not in found.values()}
    for name, known in aliases.items():
        words = dict.fromkeys(word for word in map(plain_header, known) if word in free)
        candidates = [header for word in words for header in spelt[word]]
        if name in mapped or not candidates:
            continue
        if len(candidates) > 1:
            faults.append(fault("ambiguous-column", where, name=name, found=" / ".join(candidates)))
        found[name] = candidates[0]
    required = [column.name for column in CONTRACTS[contract] if column.required] + (["x", "y"] if needs_place else [])
    faults += [
        _missing(name, aliases[name], plain, where, found.values())
        for name in required
        if name not in found and name not in mapped
    ]
    open_names = {  # what is known by its own name alone, as a tag of OpenStreetMap is, is not guessed at
        name: known
        for name, known in aliases.items()
        if name not in found and name not in mapped and name not in required and len(known) > 1
    }
    return found, faults + _misspelt(open_names, [header for header in headers if header not in found.values()], where)


def known_headers(cells: Iterable[object], table: str) -> int:
    """How many cells are headers that the table's contract knows."""
    contract = "facilities" if table == "candidates" else table
    known = {plain_header(word) for words in shipped("headers.toml")[contract].values() for word in words}
    return sum(plain_header(str(cell)) in known for cell in cells)


def _map_faults(
    mapped: Mapping[str, str],
    found: Mapping[str, str],
    aliases: Mapping[str, Sequence[str]],
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
    return fault("missing-column", where, name=name, expected=expected, found=found, **hint("".join(close[:1]), close))


def _misspelt(names: Mapping[str, Sequence[str]], unused: Sequence[str], where: Where) -> list[Fault]:
    """Unused headers that look like a column that was not found."""
    faults = []
    for header in unused:
        for name, known in names.items():
            words = [plain_header(word) for word in known if len(word) > _SHORT]
            near = difflib.get_close_matches(plain_header(header), words, n=1, cutoff=_SIMILAR)
            if near:
                faults.append(fault("misspelt-column", where, found=header, hint=near[0], name=name))
                break
    return faults
