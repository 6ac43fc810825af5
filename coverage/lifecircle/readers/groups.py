"""Columns of the dwellings that a study names to tell groups apart."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from lifecircle.faults import Fault, Where, fault, hint
from lifecircle.readers.headers import plain_header
from lifecircle.study import Equity, Study

OF_UNITS = "urban_rural"  # a column of the units that may be named as well


def group_columns(equity: Equity, headers: Sequence[str], understood: Mapping[str, str]) -> dict[str, str]:
    """The header of each column that the study names, by that name; those that are not there are left out.

    A name is the header itself, however it is spaced and whatever unit it bears, or a column of the contract.

    >>> group_columns(Equity(groups={"老人": "老年人口"}, by=("类型",)), ["老年人口(人)", "性质"], {})
    {'老年人口': '老年人口(人)'}
    """
    plain = {plain_header(header): header for header in reversed(headers)} | {header: header for header in headers}
    found = {name: plain.get(name) or plain.get(plain_header(name)) or understood.get(name) for name in _named(equity)}
    return {name: header for name, header in found.items() if header}


def group_faults(study: Study, found: Mapping[str, str], where: Where, headers: Sequence[str]) -> list[Fault]:
    """A fault for every column that the study names and the dwellings lack."""
    missing = [name for name in _named(study.equity) if name not in found]
    return [
        fault(
            "missing-group", str(study.path), column=name, file=where.file, found=", ".join(headers),
            **hint(name, headers),
        )
        for name in missing
    ]  # fmt: skip


def _named(equity: Equity) -> list[str]:
    return [name for name in dict.fromkeys([*equity.groups.values(), *equity.by]) if name != OF_UNITS]
