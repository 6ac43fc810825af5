"""Headers as offices write them, matched to the columns of a table's contract."""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Mapping, Sequence

from lifecircle.faults import Fault, fault, hint
from lifecircle.tables import CONTRACTS
from lifecircle.words import shipped

_UNIT = re.compile(r"[(\[](m2|平方米|平米|户|人|万元|米|m)[)\]]")
_SIMILAR = 0.7


def plain_header(header: str) -> str:
    """A header without spaces, line breaks and units, full-width characters made half-width.

    >>> plain_header("建筑面积（㎡）")
    '建筑面积'
    """
    text = unicodedata.normalize("NFKC", "".join(str(header).split())).lower()
    return _UNIT.sub("", text)


def understood_headers(
    headers: Sequence[str], table: str, mapped: Mapping[str, str], *, file: str, sheet: str = "", needs_place: bool = False
) -> tuple[dict[str, str], list[Fault]]:
    """Which header holds which column of the table's contract, and what could not be understood.

    Parameters
    ----------
    headers
        The headers as the file has them.
    table
        `units`, `facilities`, `dwellings`, `streets` or `candidates`.
    mapped
        What the study says: column to header; an empty header means that the file has no such column.
    file, sheet
        Named in the faults.
    needs_place
        Whether x and y are needed as columns.

    Returns
    -------
    dict of column to header, and faults.

    """
    contract = "facilities" if table == "candidates" else table
    aliases: dict[str, list[str]] = shipped("headers.toml")[contract]
    plain = {plain_header(header): header for header in headers}
    found: dict[str, str] = {}
    faults: list[Fault] = []

    def missing(name: str, looked_for: Sequence[str]) -> Fault:
        near = hint("", ()) if not (close := _nearest(looked_for, plain)) else hint(close, [close])
        return fault("missing-column", file, table=table, sheet=sheet, name=name, expected=" / ".join(looked_for[:3]),
                     found=", ".join(map(str, headers)), **near)  # fmt: skip

    for name, header in mapped.items():
        if name not in aliases and name not in plain:
            faults.append(fault("unknown-setting", "study.toml", field=f"[{table}.columns] {name}", **hint(name, aliases)))
        elif header and plain_header(header) in plain:
            found[name] = plain[plain_header(header)]
        elif header:
            faults.append(missing(name, [header]))
    for name, known in aliases.items():
        candidates = [plain[word] for word in map(plain_header, known) if word in plain and plain[word] not in mapped.values()]
        if name in mapped or not candidates:
            continue
        if len(set(candidates)) > 1:
            faults.append(fault("ambiguous-column", file, table=table, sheet=sheet, name=name, found=" / ".join(dict.fromkeys(candidates))))
        else:
            found[name] = candidates[0]
    required = [column.name for column in CONTRACTS[contract] if column.required] + (["x", "y"] if needs_place else [])
    handled = set(found) | {dict(one.values).get("name") for one in faults}
    faults += [missing(name, aliases[name]) for name in required if name not in handled]
    faults += _misspelt(aliases, found, mapped, headers, faults, table=table, file=file, sheet=sheet)
    return found, faults


def _misspelt(
    aliases: Mapping[str, Sequence[str]], found: Mapping[str, str], mapped: Mapping[str, str], headers: Sequence[str],
    faults: Sequence[Fault], *, table: str, file: str, sheet: str,
) -> list[Fault]:  # fmt: skip
    """Unused headers that look like a column that was not found."""
    open_names = {name: known for name, known in aliases.items() if name not in found and name not in mapped}
    named = {dict(one.values).get("name") for one in faults}
    unused = [header for header in headers if header not in found.values()]
    result = []
    for header in unused:
        for name, known in open_names.items():
            near = difflib.get_close_matches(plain_header(header), [plain_header(word) for word in known if len(word) > 2], n=1, cutoff=_SIMILAR)
            if near and name not in named:
                result.append(fault("misspelt-column", file, table=table, sheet=sheet, found=header, hint=near[0], name=name))
                break
    return result


def _nearest(looked_for: Sequence[str], plain: Mapping[str, str]) -> str | None:
    for word in looked_for:
        near = difflib.get_close_matches(plain_header(word), list(plain), n=1, cutoff=0.5)
        if near:
            return plain[near[0]]
    return None
