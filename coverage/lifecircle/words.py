"""The project's words in Chinese and English, and the spellings that offices use."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files
from typing import Any, Literal

Lang = Literal["zh", "en"]
Words = dict[str, str]


def both(zh: str, en: str) -> dict[str, str]:
    """One text in both languages."""
    return {"zh": zh, "en": en}


def term(group: str, key: str) -> dict[str, str]:
    """A word in both languages; an unknown word is its own name.

    >>> term("verdict", "met")
    {'zh': '达标', 'en': 'met'}
    """
    found = shipped("words.toml").get(group, {}).get(key, {})
    return {"zh": found.get("zh", key), "en": found.get("en", key)}


@cache
def spellings(group: str) -> dict[str, str]:
    """Every spelling of a group's words, plainly written, with the word it stands for."""
    known: dict[str, str] = {}
    for key, entry in shipped("words.toml")[group].items():
        for spelling in (key, entry["zh"], entry["en"], *entry.get("also", ())):
            known[plain(spelling)] = key
    return known


def plain(text: str) -> str:
    """Text without spaces, with half-width brackets, in lower case: what two spellings of one word share.

    >>> plain("街道（乡镇） ")
    '街道(乡镇)'
    """
    return "".join(text.split()).replace("（", "(").replace("）", ")").lower()


@cache
def shipped(name: str) -> dict[str, Any]:
    """A TOML file that ships with the package."""
    return tomllib.loads(files("lifecircle").joinpath("data", name).read_text("utf-8"))
