"""The errors a user can meet; each is also a ValueError."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lifecircle.faults import Fault


class LifecircleError(ValueError):
    """Something given to lifecircle is wrong; `faults` names every place."""

    def __init__(self, faults: Sequence[Fault] | str, lang: str = "") -> None:
        self.lang = lang
        self.faults: tuple[Fault, ...] = () if isinstance(faults, str) else tuple(faults)
        super().__init__(faults if isinstance(faults, str) else "\n".join(fault.line(lang or "en") for fault in faults))


class StudyError(LifecircleError):
    """A study.toml is missing, unreadable or says something unknown."""


class StandardError(LifecircleError):
    """A standard is unknown or its file is wrong."""


class TableError(LifecircleError):
    """An input table is missing, unreadable or breaks its contract."""


class NetworkError(LifecircleError):
    """Streets cannot be made into a walking network."""
