"""The shipped schema of summary.json: what is written keeps to it, and what is spoilt does not."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from lifecircle.flow import assess_tables
from lifecircle.publish.schema import summary_schema
from samples import assessed_sample
from test_comply import both_standards, tables
from towns import toy_study

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="module")
def check() -> jsonschema.Draft202012Validator:
    jsonschema.Draft202012Validator.check_schema(summary_schema())
    return jsonschema.Draft202012Validator(summary_schema())


@pytest.fixture(scope="module")
def sample() -> dict[str, Any]:
    return json.loads(json.dumps(assessed_sample().summary))


def test_the_samples_summary_keeps_to_the_schema(
    check: jsonschema.Draft202012Validator, sample: dict[str, Any]
) -> None:
    assert not list(check.iter_errors(sample))


@pytest.mark.parametrize(
    ("households", "areas"), [([1000], [400]), ([0], [400]), ([float("nan")], [float("nan")]), ([1000, 20], [300])]
)
def test_summaries_of_other_studies_keep_to_the_schema(
    check: jsonschema.Draft202012Validator, households: list[float], areas: list[float]
) -> None:
    result = assess_tables(toy_study(), tables(households, [(100, 100)], areas), both_standards())
    assert not list(check.iter_errors(json.loads(json.dumps(result.summary, allow_nan=False))))


def test_the_summary_in_the_committed_report_keeps_to_the_schema(check: jsonschema.Draft202012Validator) -> None:
    told = json.loads((ROOT / "reports" / "sample-2025" / "summary.json").read_text("utf-8"))
    assert not list(check.iter_errors(told))


SPOILT = {
    "another version": lambda told: told.update(schema="lifecircle-summary/2"),
    "a share in percent": lambda told: told["shares"][0].update(low=82.1),
    "a field too many": lambda told: told["study"].update(owner="x"),
    "a section too few": lambda told: told.pop("reach"),
    "half a unit": lambda told: told["rules"][0]["verdicts"].update(met=0.5),
    "an unknown verdict": lambda told: told["rules"][0]["verdicts"].update(passed=1),
    "a gap in acres": lambda told: told["rules"][0]["gap"].update({"in": "acres"}),
    "a day as people write it": lambda told: told["study"].update(date="2025年12月31日"),
    "no households for 0": lambda told: told["households"].update(known=None),
}


@pytest.mark.parametrize("name", list(SPOILT))
def test_a_spoilt_summary_does_not_pass(
    check: jsonschema.Draft202012Validator, sample: dict[str, Any], name: str
) -> None:
    told = copy.deepcopy(sample)
    SPOILT[name](told)
    assert list(check.iter_errors(told))


def described(schema: dict[str, Any], path: str = "") -> Iterator[tuple[str, str]]:
    """Every field with its description."""
    for name, field in schema.get("properties", {}).items():
        yield f"{path}/{name}", field.get("description", "")
        yield from described(field, f"{path}/{name}")
    for part in [schema.get("items"), schema.get("additionalProperties"), *schema.get("oneOf", [])]:
        if isinstance(part, dict):
            yield from described(part, f"{path}/*")


def test_every_field_is_described_in_both_languages() -> None:
    found = dict(described(summary_schema()))
    assert len(found) > 70
    assert not [
        path
        for path, text in found.items()
        if text.isascii() or not any(one.isascii() and one.isalpha() for one in text)
    ]


def test_no_object_takes_fields_that_nobody_described() -> None:
    def objects(schema: dict[str, Any]) -> Iterator[dict[str, Any]]:
        if "properties" in schema:
            yield schema
        for part in [*schema.get("properties", {}).values(), schema.get("items"), *schema.get("oneOf", [])]:
            yield from objects(part) if isinstance(part, dict) else ()

    assert all(one["additionalProperties"] is False for one in objects(summary_schema()))
