"""Reading a TOML file into a frozen model, with every mistake as a fault."""

from __future__ import annotations

import datetime as dt
import re
import tomllib
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from lifecircle.faults import Fault, fault, file_fault, hint

Model = TypeVar("Model", bound="Settings")
_MOST_TOLD = 100  # mistakes of one file that are listed one by one


class Settings(BaseModel):
    """A frozen group of settings that takes no key it does not know, and no number without end."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


def read_toml(path: Path) -> tuple[dict[str, Any], list[Fault]]:
    """The content of a TOML file, or why it cannot be read."""
    odd = file_fault(path, "the file")
    if odd is not None and odd.check == "no-plain-file":
        return {}, [odd]
    try:
        return tomllib.loads(path.read_text("utf-8-sig")), []
    except FileNotFoundError:
        return {}, [fault("missing-setting", str(path), field="the file")]
    except (OSError, ValueError, RecursionError) as problem:  # a number of 5,000 digits, lists in lists without end
        return {}, [fault("broken-toml", str(path), found=problem)]


def validated(model: type[Model], content: dict[str, Any], file: str) -> tuple[Model | None, list[Fault]]:
    """The model that a file's content makes, or every mistake in it."""
    try:
        return model.model_validate(content), []
    except ValidationError as problem:
        wrong = problem.errors(include_url=False)
        told = [_setting_fault(error, model, content, file) for error in wrong[:_MOST_TOLD]]
        more = [fault("more-settings", file, n=len(wrong) - _MOST_TOLD)] if len(wrong) > _MOST_TOLD else []
        return None, [*told, *more]


def _setting_fault(error: Any, model: type[BaseModel], content: dict[str, Any], file: str) -> Fault:
    place = _setting_name(error["loc"], content)
    if error["type"] == "missing":
        return fault("missing-setting", file, field=place)
    if error["type"] == "extra_forbidden":
        return fault("unknown-setting", file, field=place, **hint(str(error["loc"][-1]), _known_settings(model)))
    if error["type"] == "needed":
        needed = error["ctx"]
        return fault("needed-setting", file, field=f"{place}: {needed['missing']}", measure=needed["measure"])
    if error["type"] == "unused":
        return fault("unused-setting", file, field=f"{place}: {error['ctx']['name']}", **error["ctx"])
    if error["type"] == "missing-value":
        return fault("missing-value", file, field=place)
    english, chinese = _EXPECTED.get(error["type"], (error["msg"].removeprefix("Value error, "), "不合要求"))
    if error["loc"] == ("rules",):
        english, chinese = "each rule begins with [[rules]], in double brackets", "每条条款以 [[rules]] 开头,两层方括号"
    limits = {name: value for name, value in error.get("ctx", {}).items() if isinstance(value, (int, float, str))}
    expected, expected_zh = english.format(**limits), chinese.format(**limits)
    return fault(
        "wrong-setting", file, field=place, found=_found(error["input"]), expected=expected, expected_zh=expected_zh
    )


def _found(value: object) -> str:
    """What stands in a file, as it is written there, but no address of a database, which might hold a password."""
    written = value.isoformat() if isinstance(value, (dt.date, dt.time)) else repr(value)
    return re.sub(r"postgres(ql)?:[^'\"\]]*", "postgresql://…", written, flags=re.IGNORECASE)


# What pydantic calls a mistake: how it is said.
_EXPECTED = {
    "greater_than": ("it must be above {gt:g}", "必须大于 {gt:g}"),
    "greater_than_equal": ("it must be at least {ge:g}", "不得小于 {ge:g}"),
    "less_than_equal": ("it must be at most {le:g}", "不得大于 {le:g}"),
    "float_parsing": ("expected a number such as 15", "应为数字,如 15"),
    "float_type": ("expected a number such as 15", "应为数字,如 15"),
    "finite_number": ("expected a number that is finite, such as 15", "应为有限的数字,如 15"),
    "int_parsing": ("expected a whole number such as 2025", "应为整数,如 2025"),
    "int_type": ("expected a whole number such as 2025", "应为整数,如 2025"),
    "string_type": ("expected text in quotes", "应为带引号的文字"),
    "string_pattern_mismatch": ("expected only letters, digits, - and _", "只能用字母、数字、- 和 _"),
    "string_too_short": ("it must not be empty", "不得为空"),
    "string_too_long": ("expected at most {max_length} characters", "至多 {max_length} 个字符"),
    "literal_error": ("expected {expected}", "应为 {expected}"),
    "date_type": ("expected a date such as 2025-12-31", "应为日期,如 2025-12-31"),
    "date_from_datetime_inexact": ("expected a date such as 2025-12-31", "应为日期,如 2025-12-31"),
    "date_from_datetime_parsing": ("expected a date such as 2025-12-31", "应为日期,如 2025-12-31"),
    "dict_type": ("expected a table such as {{ name = \"value\" }}", "应为表,如 {{ name = \"value\" }}"),
    "tuple_type": ("expected a list such as [\"one\"]", "应为列表,如 [\"one\"]"),
    "bool_type": ("expected true or false", "应为 true 或 false"),
    "bool_parsing": ("expected true or false", "应为 true 或 false"),
    "odd": ("{expected}", "{expected_zh}"),
    "too_short": ("expected a list of at least {min_length}", "应为至少有 {min_length} 项的列表"),
    "too_long": ("expected a list of at most {max_length}", "应为至多有 {max_length} 项的列表"),
}  # fmt: skip


def _setting_name(loc: tuple[int | str, ...], content: dict[str, Any]) -> str:
    """A setting as its file has it: `[walk] limit_min`, or `rule floor-area: value` in a standard."""
    parts = [part for part in loc if part not in ("its own", "its name")]
    if len(parts) > 1 and parts[0] == "rules" and isinstance(parts[1], int):
        rule = content["rules"][parts[1]]
        name = f"rule {rule.get('id', parts[1] + 1) if isinstance(rule, dict) else parts[1] + 1}"
        return f"{name}: {'.'.join(map(str, parts[2:]))}" if len(parts) > 2 else name
    texts = [f"{part + 1}" if isinstance(part, int) else str(part) for part in parts]
    return f"[{texts[0]}] {'.'.join(texts[1:])}" if len(texts) > 1 else texts[0]


def _known_settings(model: type[BaseModel]) -> set[str]:
    names: set[str] = set()
    for name, one in model.model_fields.items():
        names.add(name)
        for inner in (one.annotation, *getattr(one.annotation, "__args__", ())):
            if isinstance(inner, type) and issubclass(inner, BaseModel):
                names |= _known_settings(inner)
    return names
