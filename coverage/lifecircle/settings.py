"""Reading a TOML file into a frozen model, with every mistake as a fault."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from lifecircle.faults import Fault, fault, hint

Model = TypeVar("Model", bound="Settings")


class Settings(BaseModel):
    """A frozen group of settings that takes no key it does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid")


def read_toml(path: Path) -> tuple[dict[str, Any], list[Fault]]:
    """The content of a TOML file, or why it cannot be read."""
    try:
        return tomllib.loads(path.read_text("utf-8-sig")), []
    except FileNotFoundError:
        return {}, [fault("missing-setting", str(path), field="the file")]
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as problem:
        return {}, [fault("unreadable-file", str(path), expected="TOML in UTF-8", found=problem)]


def validated(model: type[Model], content: dict[str, Any], file: str) -> tuple[Model | None, list[Fault]]:
    """The model that a file's content makes, or every mistake in it."""
    try:
        return model.model_validate(content), []
    except ValidationError as problem:
        return None, [_setting_fault(error, model, file) for error in problem.errors()]


def _setting_fault(error: Any, model: type[BaseModel], file: str) -> Fault:
    place = _setting_name(error["loc"])
    if error["type"] == "missing":
        return fault("missing-setting", file, field=place)
    if error["type"] == "extra_forbidden":
        return fault("unknown-setting", file, field=place, **hint(str(error["loc"][-1]), _known_settings(model)))
    message = error["msg"].removeprefix("Value error, ")
    return fault(
        "wrong-setting", file, field=place, found=repr(error["input"]), expected=message[:1].lower() + message[1:]
    )


def _setting_name(loc: tuple[int | str, ...]) -> str:
    parts = [f"{part + 1}" if isinstance(part, int) else str(part) for part in loc]
    return f"[{parts[0]}] {'.'.join(parts[1:])}" if len(parts) > 1 else parts[0]


def _known_settings(model: type[BaseModel]) -> set[str]:
    names: set[str] = set()
    for name, one in model.model_fields.items():
        names.add(name)
        for inner in (one.annotation, *getattr(one.annotation, "__args__", ())):
            if isinstance(inner, type) and issubclass(inner, BaseModel):
                names |= _known_settings(inner)
    return names
