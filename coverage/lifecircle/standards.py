"""Standards as data: read from TOML, one extending another, and the JSON schema of the format."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path
from typing import Any

from lifecircle.errors import StandardError
from lifecircle.faults import Fault, fault, hint
from lifecircle.rules import GAPS as GAPS
from lifecircle.rules import MEASURES as MEASURES
from lifecircle.rules import NEEDS as NEEDS
from lifecircle.rules import UNITS as UNITS
from lifecircle.rules import Basis as Basis
from lifecircle.rules import CircleSize as CircleSize
from lifecircle.rules import Rule as Rule
from lifecircle.rules import Standard as Standard
from lifecircle.rules import Standing as Standing
from lifecircle.rules import Text as Text
from lifecircle.settings import read_toml, validated

Content = dict[str, Any]

# What a rule asks for. Who changes one of these asks for something that the parent's document does not: the rule is
# the child's own, with the child's status, and cites the child. Kinds, basis and walker only read the document.
_ASKED = (
    "measure", "operator", "value", "unit", "advisory", "services", "least_m2", "limit_min", "of_tier", "of_rules",
    "target_share", "target_date", "target_year", "tiers", "urban_rural", "status",
)  # fmt: skip


def shipped_standards() -> list[str]:
    """Names of the standards that ship with lifecircle.

    >>> "shanghai-2021" in shipped_standards()
    True
    """
    folder = files("lifecircle").joinpath("data", "standards")
    return sorted(entry.name.removesuffix(".toml") for entry in folder.iterdir() if entry.name.endswith(".toml"))


def load_standard(name: str | Path) -> Standard:
    """A standard that ships, by name, or one of your own, by the path of its TOML file.

    Raises
    ------
    StandardError
        The name is unknown, or the file is missing, unreadable or wrong; all mistakes are listed.

    Examples
    --------
    >>> standard = load_standard("shanghai-2021")
    >>> standard.rule("floor-area").value
    35.0
    >>> standard.clause(standard.rules[0])
    '沪民基发〔2021〕7号 第十一条'

    """
    standard, faults = read_standard(name)
    if standard is None:
        raise StandardError(faults)
    return standard


def read_standard(
    name: str | Path, *, folder: Path | None = None, said_in: str = "standards"
) -> tuple[Standard | None, list[Fault]]:
    """A standard, or every fault in it; relative paths are looked up in `folder`."""
    path = _path_of(name, folder or Path())
    known = shipped_standards()
    if path is None:
        own = [f"{name}.toml"] if ((folder or Path()) / f"{name}.toml").is_file() else []
        near = hint(own[0], own) if own else hint(str(name), known)
        return None, [fault("unknown-standard", said_in, found=name, expected=", ".join(known), **near)]
    if not path.is_file():
        return None, [fault("missing-file", str(path), key="standards")]
    standard, _, faults = _read(path, ())
    return standard, faults


def _path_of(name: str | Path, folder: Path) -> Path | None:
    """Where a standard stands: a TOML file by its path, there or not, or one that ships; None for an unknown name."""
    if str(name).endswith(".toml"):
        return folder / name
    if str(name) in shipped_standards():
        return Path(str(files("lifecircle").joinpath("data", "standards", f"{name}.toml")))
    return None


def _read(path: Path, children: tuple[Path, ...]) -> tuple[Standard | None, Content, list[Fault]]:
    """The standard in a file and its content with that of its parents; or every fault of the first file with one."""
    content, faults = read_toml(path)
    if faults:
        return None, {}, faults
    changes: tuple[str, ...] = ()
    if "extends" in content:
        parent, parent_content, faults = _parent(content["extends"], path, (*children, path.resolve()))
        if parent is None:
            return None, {}, faults
        faults = _extension_faults(content, parent, parent_content, path.name)
        if faults:
            return None, {}, faults
        content, changes = _extended(parent_content, content, parent)
    faults = _unknown_measures(content, path.name)
    if faults:
        return None, {}, faults
    standard, faults = validated(Standard, content, path.name)
    faults = faults or _rule_faults(standard, path.name) if standard else faults
    if standard is None or faults:
        return None, {}, faults
    standard._changes = changes
    return standard, content, []


# --- One standard extends another ---


def _parent(name: object, path: Path, children: tuple[Path, ...]) -> tuple[Standard | None, Content, list[Fault]]:
    known = shipped_standards()
    found = _path_of(name, path.parent) if isinstance(name, str) else None
    if found is None or not found.is_file():
        near = hint(str(name), known)
        return None, {}, [fault("unknown-parent", path.name, found=name, expected=", ".join(known), **near)]
    if found.resolve() in children:
        return None, {}, [fault("parent-of-itself", path.name, found=name)]
    return _read(found, children)


def _extension_faults(own: Content, parent: Standard, theirs: Content, file: str) -> list[Fault]:
    """What is wrong with how a file extends its parent: it needs its own id, each rule once, and drops known rules."""
    faults = [fault("missing-setting", file, field="id")] if "id" not in own else []
    if own.get("id") == parent.id:
        odd = {"expected": "it is that of the standard it extends", "expected_zh": "与所引用的标准相同"}
        faults.append(fault("wrong-setting", file, field="id", found=repr(parent.id), **odd))
    faults += _twice([rule["id"] for rule in _named(own)], file)
    known, dropped = list(_by_id(theirs)), own.get("drop", [])
    if not isinstance(dropped, list):
        odd = {"expected": 'expected a list such as ["one"]', "expected_zh": '应为列表,如 ["one"]'}
        return [*faults, fault("wrong-setting", file, field="drop", found=repr(dropped), **odd)]
    return faults + [
        fault("unknown-drop", file, found=one, parent=parent.id, expected=", ".join(known), **hint(str(one), known))
        for one in dropped
        if one not in known
    ]


# A child is no edition of its parent's document: these are its own or none.
_OF_DOCUMENT = ("number", "document", "issuer", "date")


def _extended(theirs: Content, own: Content, parent: Standard) -> tuple[Content, tuple[str, ...]]:
    """A parent's content with what its child says instead, and one line for each rule that the child changes.

    A rule that is left as it is cites the parent, and is never better than the parent.
    """
    cited = {"document": parent.citation} | ({} if parent.status == "in_force" else {"status": parent.status})
    mine, dropped = _by_id(own), own.get("drop", [])
    kept = {name: cited | rule for name, rule in _by_id(theirs).items() if name not in dropped}
    ours = {name for name, rule in mine.items() if name not in kept or _asks_otherwise(kept[name], rule)}
    rules: Any = [_changed(rule, mine.get(name, {}), ours) for name, rule in kept.items()]
    rules += [rule for rule in _listed(own) if not (rule in mine.values() and rule["id"] in kept)]
    differences = {name: _difference(kept[name], rule) for name, rule in mine.items() if name in kept}
    lines = [f"~ {name}: {said}" for name, said in differences.items() if said]
    lines += [f"+ {name}" for name in mine if name not in kept] + [f"- {name}" for name in dropped if name not in mine]
    title = {"zh": f"{parent.title.zh}(修改:{own['id']})", "en": f"{parent.title.en} (changed: {own['id']})"}
    inherited = {name: value for name, value in theirs.items() if name not in _OF_DOCUMENT} | {"title": title}
    rules = rules if isinstance(own.get("rules", []), list) else own["rules"]  # validation says what is wrong with it
    return inherited | {name: value for name, value in own.items() if name != "drop"} | {"rules": rules}, tuple(lines)


def _asks_otherwise(rule: Content, own: Content) -> bool:
    return any(name in own and own[name] != rule.get(name) for name in _ASKED)


def _changed(rule: Content, own: Content, ours: set[str]) -> Content:
    """A parent's rule with the fields that a child gives; where it asks for something else, it is the child's own.

    A rule that counts one of the child's own (`ours`) is no longer what the parent's clause says either.
    """
    if not _asks_otherwise(rule, own):
        cited = {"document", "clause"} if ours.intersection(rule.get("of_rules", [])) else set()
        return {name: value for name, value in rule.items() if name not in cited} | own
    kept = {name: value for name, value in rule.items() if name not in ("status", "clause", "document")}
    text = rule.get("text")
    if "text" not in own and isinstance(text, dict):
        said = _difference(rule, {name: value for name, value in own.items() if name in _ASKED})
        kept["text"] = {"zh": f"{text.get('zh')}(本标准改:{said})", "en": f"{text.get('en')} (changed here: {said})"}
    return kept | own


def _difference(rule: Content, own: Content) -> str:
    """What a child says instead, such as `value 35 → 40`."""
    changed = [name for name in own if name != "id" and own[name] != rule.get(name)]
    return ", ".join(
        name if isinstance(own[name], dict) else f"{name} {_plain(rule.get(name))} → {_plain(own[name])}"
        for name in changed
    )


def _plain(value: object) -> str:
    return " ".join(map(str, value)) if isinstance(value, list) else "—" if value is None else str(value)


def _listed(content: Content) -> list[Any]:
    rules = content.get("rules", [])
    return rules if isinstance(rules, list) else []


def _named(content: Content) -> list[Content]:
    return [rule for rule in _listed(content) if isinstance(rule, dict) and isinstance(rule.get("id"), str)]


def _by_id(content: Content) -> dict[str, Content]:
    return {rule["id"]: rule for rule in _named(content)}


# --- What pydantic cannot see ---


def _unknown_measures(content: Content, file: str) -> list[Fault]:
    return [
        fault("unknown-rule", file, rule=rule.get("id", "?"), field="measure", found=rule["measure"],
              expected=", ".join(MEASURES), **hint(str(rule["measure"]), MEASURES))
        for rule in _listed(content)
        if isinstance(rule, dict) and "measure" in rule and rule["measure"] not in MEASURES
    ]  # fmt: skip


def _rule_faults(standard: Standard, file: str) -> list[Fault]:
    per_unit = {rule.id: rule for rule in standard.rules if not rule.of_rules and rule.value is not None}
    return _twice([rule.id for rule in standard.rules], file) + [
        fault("unknown-rule", file, rule=rule.id, field="of_rules", found=one, expected=", ".join(per_unit),
              **hint(one, per_unit))
        for rule in standard.rules
        for one in rule.of_rules
        if one not in per_unit or rule.of_tier not in per_unit[one].tiers
    ]  # fmt: skip


def _twice(rule_ids: list[str], file: str) -> list[Fault]:
    odd = {"expected": "it must stand once", "expected_zh": "只能出现一次"}
    return [
        fault("wrong-setting", file, field=f"rule {one}: id", found=repr(one), **odd)
        for one in sorted({one for one in rule_ids if rule_ids.count(one) > 1})
    ]


# --- The format ---


def standard_schema() -> Content:
    """The JSON schema (draft 2020-12) of a standard's TOML file, for editors that check and complete it.

    It ships as data/standard.schema.json; `lifecircle standards --schema` prints it anew.

    Notes
    -----
    In a file that extends another, nothing but an id is required, of the file and of each of its rules. What compares
    numbers or rules with each other is checked when the file is read.

    Examples
    --------
    >>> standard_schema()["$defs"]["Rule"]["properties"]["measure"]["enum"][0]
    'floor_area_per_100_households'

    """
    schema: Content = _without_null(Standard.model_json_schema())
    rule, fields = schema["$defs"]["Rule"], schema["properties"]
    rule["properties"]["measure"]["enum"] = list(MEASURES)
    rule["properties"]["unit"]["enum"] = list(dict.fromkeys(UNITS.values()))
    rule["allOf"] = [_of_measure(name, {"properties": {"unit": {"const": UNITS[name]}}}) for name in MEASURES]
    whole_rule = {
        "required": rule["required"],
        "anyOf": [{"required": ["value"]}, {"required": ["advisory"], "properties": {"advisory": {"const": True}}}],
        "allOf": [_of_measure(name, {"required": list(NEEDS[name])}) for name in MEASURES],
    }
    whole = {"required": schema["required"], "properties": {"rules": {"items": whole_rule}, "drop": False}}
    whole["anyOf"] = [{"required": ["rules"]}, {"required": ["circle"]}]
    schema["required"] = rule["required"] = ["id"]
    said = fields["source"]["description"]
    fields["source"] = {"anyOf": [{"$ref": "#/$defs/Text"}, {"type": "string"}], "description": said}
    drop = {"type": "array", "items": {"type": "string"}, "default": []}
    fields["drop"] = drop | {"description": "Rules of the extended standard that do not hold here."}
    head = {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "A standard of lifecircle"}
    return head | {name: value for name, value in schema.items() if name != "title"} | _unless_extending(whole)


def _of_measure(name: str, then: Content) -> Content:
    return {"if": {"required": ["measure"], "properties": {"measure": {"const": name}}}, "then": then}


def _unless_extending(whole: Content) -> Content:
    return {"if": {"required": ["extends"]}, "else": whole}


def _without_null(schema: Any) -> Any:
    """A schema without what TOML cannot say (null), and without the titles that only repeat a field's name."""
    if isinstance(schema, list):
        return [_without_null(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    kept = {name: _without_null(value) for name, value in schema.items() if not (name == "default" and value is None)}
    if isinstance(kept.get("title"), str):
        kept.pop("title")
    choices = [one for one in kept.get("anyOf", []) if one != {"type": "null"}]
    return {name: value for name, value in kept.items() if name != "anyOf"} | choices[0] if len(choices) == 1 else kept
