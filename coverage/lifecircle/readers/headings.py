"""The header of a sheet: which rows hold it below its titles, and the text of each column."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from lifecircle.readers.heads import unit_text

Cells = Sequence[object]
Known = Callable[[Sequence[str]], int]

_TITLES = 12  # rows among which a header is looked for
_SAYS_MUCH = 2  # characters; 起 and 止 say nothing without their group


@dataclass(frozen=True)
class Merge:
    """Cells that are one: first and last row (1 is the first of the sheet), first and last column (0 is A)."""

    top: int
    left: int
    bottom: int
    right: int


@dataclass(frozen=True)
class Heading:
    """The first and last row of a header and the text of each of its columns."""

    top: int
    bottom: int
    names: tuple[str, ...]


def find_heading(
    rows: Sequence[tuple[int, Cells]], known: Known, *, merges: Sequence[Merge] = (), stated: int | None = None
) -> Heading | tuple[int, ...]:
    """The rows that hold the most headers that are known, or the numbers of those between which it cannot be told.

    The first row where none holds more than it. A header may take two rows: cells merged over several columns, or
    standing above empty ones, are then groups, and the lower row has the headers.

    Parameters
    ----------
    rows
        The first rows that are not empty, with their numbers.
    known
        How many of these texts are known headers.
    merges
        Merged cells.
    stated
        The number of the header's row, where the study says it.

    """
    numbers = [number for number, _ in rows]
    if stated is not None:
        at = numbers.index(stated) if stated in numbers else None
        return () if at is None else _heading(rows, _span_to(rows, at, known, merges), merges)
    spans = [_span(rows, at, known, merges) for at in range(len(rows[:_TITLES]))]
    names = [_names(rows, top, bottom, merges) for top, bottom in spans]
    counts = [known(texts) for texts in names]
    best = max(counts)
    at = counts.index(best) if best > max(counts[0], 1) else _first(counts, names)
    rivals = [place for place, count in enumerate(counts) if place > spans[at][1] and count == best > 1]
    unlike = [place for place in rivals if names[place] != names[at]]
    if at > 0 and unlike:
        return tuple(numbers[place] for place in (at, *unlike))
    return _heading(rows, spans[at], merges)


def _first(counts: Sequence[int], names: Sequence[Sequence[str]]) -> int:
    """The first row, or the first below titles, which have a single cell."""
    if counts[0]:
        return 0
    return next((at for at, texts in enumerate(names) if counts[at] or sum(map(bool, texts)) > 1), 0)


def is_blank(cell: object) -> bool:
    """Whether a cell holds nothing but spaces."""
    return cell is None or (isinstance(cell, str) and not cell.strip())


def _texts(cells: Cells) -> list[str]:
    return ["" if is_blank(cell) else str(cell).strip() for cell in cells]


def _span_to(rows: Sequence[tuple[int, Cells]], at: int, known: Known, merges: Sequence[Merge]) -> tuple[int, int]:
    """The first and last row of the header that has this row in it."""
    above = _span(rows, at - 1, known, merges) if at else (at, at)
    return above if above[1] == at else _span(rows, at, known, merges)


def _span(rows: Sequence[tuple[int, Cells]], at: int, known: Known, merges: Sequence[Merge]) -> tuple[int, int]:
    """The places of the first and last row of the header that begins here."""
    if at + 1 >= len(rows):
        return at, at
    (number, upper), (_, lower) = rows[at], rows[at + 1]
    over = [one for one in merges if one.top <= number <= one.bottom and one.right > one.left]
    if not _may_be_lower(upper, lower, over):
        return at, at
    if any(one.top == number < one.bottom for one in merges) or any(_under(lower, one) for one in over):
        return at, at + 1
    alone, below, joined = (known(texts) for texts in (_texts(upper), _texts(lower), _names(rows, at, at + 1, merges)))
    return (at, at + 1) if below and joined > max(alone, below) else (at, at)


def _may_be_lower(upper: Cells, lower: Cells, over: Sequence[Merge]) -> bool:
    """Whether a row can be the lower one of a header: texts alone, below groups, beside headers of a single row."""
    filled = [place for place, cell in enumerate(lower) if not is_blank(cell)]
    words = all(isinstance(lower[place], str) and not _is_number(str(lower[place])) for place in filled)
    headers = [place for place, cell in enumerate(upper) if not is_blank(cell)]
    beside = set(headers) - set(filled)
    groups = {place for one in over for place in range(one.left, one.right + 1)}
    if over and not set(filled) <= groups | (set(range(len(upper))) - set(headers)):
        return False
    return bool(filled) and words and bool(beside) and len(headers) > 1


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _under(lower: Cells, one: Merge) -> bool:
    return any(not is_blank(cell) for cell in lower[one.left : one.right + 1])


def _heading(rows: Sequence[tuple[int, Cells]], span: tuple[int, int], merges: Sequence[Merge]) -> Heading:
    top, bottom = span
    return Heading(rows[top][0], rows[bottom][0], tuple(_names(rows, top, bottom, merges)))


def _names(rows: Sequence[tuple[int, Cells]], top: int, bottom: int, merges: Sequence[Merge]) -> list[str]:
    """The lowest text of each column; where it stands twice, that of its group before it."""
    lower = _texts(rows[bottom][1])
    if top == bottom:
        return lower
    upper = _texts(rows[top][1])
    width = max(len(lower), len(upper))
    lower += [""] * (width - len(lower))
    groups = _groups(upper + [""] * (width - len(upper)), lower, rows[top][0], merges)
    own = [below or group for below, group in zip(lower, groups, strict=True)]
    return [
        _below(group, name, again=own.count(name) > 1) if below and group else name
        for below, group, name in zip(lower, groups, own, strict=True)
    ]


def _below(group: str, name: str, *, again: bool) -> str:
    """A header below that of a group: it counts in the group's unit, and where it says little it bears its name."""
    unit = "" if unit_text(name) else unit_text(group)
    whole = group.replace(unit, "") + name if again or len(name) < _SAYS_MUCH else name
    return whole + unit


def _groups(upper: list[str], lower: list[str], number: int, merges: Sequence[Merge]) -> list[str]:
    """The text above each column, that of a group over all of its columns."""
    groups = list(upper)
    for one in merges:
        if one.top <= number <= one.bottom and one.right > one.left:
            groups[one.left : one.right + 1] = [upper[one.left]] * (min(one.right + 1, len(upper)) - one.left)
    for place in range(1, len(groups)):
        if not groups[place] and lower[place] and lower[place - 1]:
            groups[place] = groups[place - 1]
    return groups
