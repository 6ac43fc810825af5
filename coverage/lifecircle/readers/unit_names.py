"""Which unit a name means: the units of a study by key, by name, and by what two spellings of a name share."""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import geopandas as gpd
import numpy as np
import shapely

from lifecircle.faults import nearest_word
from lifecircle.readers.headers import above_headers
from lifecircle.tables import TIERS

How = Literal["key", "name", "plain", "similar", ""]

MARGIN = 0.05  # by how much the likest name must be more like than the next
_SHORTEST = 2  # characters of a name without its suffix
_NEAR = 0.6  # how like a name must be to be suggested
_FEW = 500  # keys among which the nearest is looked for
_LONGEST = 100  # characters of what can be a unit's name
_SUFFIXES = {
    "neighbourhood": (
        "社区居民委员会", "社区居委会", "社区居委", "居民委员会", "居委会", "居委", "村民委员会", "村委会", "村委",
        "行政村", "居民区", "社区", "村",
    ),
    "subdistrict": (
        "街道办事处", "地区办事处", "街道办", "街道", "地区", "镇人民政府", "乡人民政府", "民族乡", "镇", "乡",
    ),
    "circle": ("15分钟社区生活圈", "社区生活圈", "生活圈", "片区"),
}  # fmt: skip
_ENDINGS = "|".join(f"(?P<{tier}>{'|'.join(words)})" for tier, words in _SUFFIXES.items())
_SUFFIX = re.compile(f"(?:{_ENDINGS})$")
_APART = re.compile(r"[0-9一二三四五六七八九十东西南北中上下]")  # what tells one name from another that is like it


@dataclass(frozen=True)
class Match:
    """The keys of the units that a name can mean, and how that is known; `above` is what contradicts it."""

    keys: tuple[str, ...] = ()
    how: How = ""
    score: float = 1.0
    above: str = ""


@dataclass(frozen=True, eq=False)
class Book:
    """The units of a study, to be looked up by name."""

    keys: tuple[str, ...]
    names: tuple[str, ...]
    tiers: tuple[str, ...]
    units: gpd.GeoDataFrame
    words: tuple[tuple[str, ...], ...]

    def match(self, word: str, *, tier: str = "", context: tuple[str, ...] = (), similar: float | None = None) -> Match:
        """The unit that a word means.

        `tier` is that which is expected, `context` what the same row says of where it lies, `similar` how like a name
        must be that is not the same.
        """
        if word in self._places:
            return Match((word,), "key")
        text = plain_name(word)
        if (key := unicodedata.normalize("NFKC", word).strip()) in self._places:
            return Match((key,), "plain")
        for level, spelt in enumerate((word, text, _open(text))):
            if found := self._narrowed(self._levels[level].get(spelt, []), tier, context):
                return self._told(found, "plain" if level else "name", context)
        found = self._by_stem(text, tier, context)
        if not found:
            rest, above = self._without_prefix(text)
            if rest:
                found, context = self._by_rest(rest, tier, (*context, *above)), (*context, *above)
        return self._told(found, "plain", context) if found else self._like(_open(text), tier, context, similar)

    def nearest(self, word: str) -> str:
        """The key or name that an unknown word may have meant, empty where none is clearly the likest."""
        found = self._like(_open(plain_name(word)), "", (), _NEAR)
        if found.keys:
            place = self._places[found.keys[0]]
            return self.names[place] or self.keys[place]
        return (nearest_word(word, self.keys) or "") if len(self.keys) <= _FEW and len(word) <= _LONGEST else ""

    def called(self, key: str) -> str:
        """A unit's name with its key."""
        name = self.names[self._places[key]]
        return f"{name} ({key})" if name and name != key else key

    @cached_property
    def parents(self) -> list[int]:
        """The place of the unit above each, -1 where there is none."""
        return _parents(self.units)

    @cached_property
    def _places(self) -> dict[str, int]:
        return {key: place for place, key in enumerate(self.keys) if key}

    @cached_property
    def _levels(self) -> tuple[dict[str, list[int]], ...]:
        """Units by name, by name in one spelling, without brackets, and without brackets and suffix."""
        spellings: tuple[Callable[[str], str], ...] = (
            str, plain_name, lambda name: _open(plain_name(name)), lambda name: stem_of(name)[0],
        )  # fmt: skip
        levels: tuple[dict[str, list[int]], ...] = tuple(defaultdict(list) for _ in spellings)
        for place, name in enumerate(self.names):
            if name:
                for level, spelt in zip(levels, spellings, strict=True):
                    level[spelt(name)].append(place)
        return tuple(map(dict, levels))

    @cached_property
    def _lines(self) -> list[frozenset[str]]:
        """What each unit lies in, itself left out, in plain spelling and without suffixes."""
        return [
            frozenset(spelt for word in self._words_above(place) for spelt in _spellings(word) | {stem_of(word)[0]})
            for place in range(len(self.keys))
        ]

    @cached_property
    def _prefixes(self) -> frozenset[str]:
        """Names of what units lie in, as they stand before the names of units."""
        higher = {self.names[place] for place in set(self.parents) if place >= 0}
        words = {plain_name(word) for word in higher | {word for words in self.words for word in words}}
        return frozenset(word for word in words if len(word) >= _SHORTEST)

    @cached_property
    def _opened(self) -> list[str]:
        return [_open(plain_name(name)) for name in self.names]

    @cached_property
    def _lengths(self) -> np.ndarray:
        return np.array([len(name) for name in self._opened])

    @cached_property
    def _letters(self) -> dict[tuple[str, int], np.ndarray]:
        """The units whose name holds a character once, twice and so on."""
        found: dict[tuple[str, int], list[int]] = defaultdict(list)
        for place, text in enumerate(self._opened):
            for letter in set(text):
                for nth in range(text.count(letter)):
                    found[letter, nth].append(place)
        return {letter: np.array(places) for letter, places in found.items()}

    def _line(self, place: int) -> Iterator[int]:
        """The units above a unit, the lowest first."""
        seen = {place}
        while (place := self.parents[place]) >= 0 and place not in seen:
            seen.add(place)
            yield place

    def _words_above(self, place: int) -> Iterator[str]:
        yield from self.words[place]
        for above in self._line(place):
            yield from (self.keys[above], self.names[above], *self.words[above])

    def _by_stem(self, text: str, tier: str, context: tuple[str, ...]) -> list[int]:
        """Units whose name is the same but for suffixes; a suffix that says a tier means that tier alone."""
        stem, said = stem_of(text)
        expected = tier or said
        places = [place for place in self._levels[3].get(stem, []) if not expected or self.tiers[place] == expected]
        return self._narrowed(places, "", context)

    def _by_rest(self, rest: str, tier: str, context: tuple[str, ...]) -> list[int]:
        """Units of a name whose beginning said what they lie in."""
        found = self._narrowed(self._levels[1].get(rest, []) or self._levels[2].get(_open(rest), []), tier, context)
        return found or self._by_stem(rest, tier, context)

    def _without_prefix(self, text: str) -> tuple[str, tuple[str, ...]]:
        """A name without the names of what it lies in before it; nothing where it bears none."""
        rest, above = text, []
        while cut := next((n for n in range(len(rest) - 1, _SHORTEST - 1, -1) if rest[:n] in self._prefixes), 0):
            above.append(rest[:cut])
            rest = rest[cut:]
        return (rest, tuple(above)) if above else ("", ())

    def _narrowed(self, places: list[int], tier: str, context: tuple[str, ...]) -> list[int]:
        """Those of some units that are of the tier, if any is, and that lie where the row says, if it decides."""
        if len(places) > 1 and tier:
            places = [place for place in places if self.tiers[place] == tier] or places
        for word in context if len({self.keys[place] for place in places}) > 1 else ():
            spelt = _spellings(word)
            places = [place for place in places if spelt & self._lines[place]] or places
        return places

    def _told(self, places: list[int], how: How, context: tuple[str, ...]) -> Match:
        keys = tuple(dict.fromkeys(self.keys[place] for place in places))
        return Match(keys, how, above=self._contradicted(places[0], context) if len(keys) == 1 else "")

    def _contradicted(self, place: int, context: tuple[str, ...]) -> str:
        """What a row says of where a unit lies, if it names another unit of the tier of one that it does lie in."""
        line = list(self._line(place)) if context else []
        for word in context:
            others = [one for one in self._levels[3].get(stem_of(word)[0], []) if _spellings(word) & self._spelt(one)]
            tiers = {self.tiers[one] for one in others}
            above = [one for one in line if self.tiers[one] in tiers]
            if others and above and not {place, *line} & set(others):
                return word
        return ""

    def _spelt(self, place: int) -> frozenset[str]:
        return _spellings(self.names[place]) | {stem_of(self.names[place])[0]}

    def _like(self, text: str, tier: str, context: tuple[str, ...], similar: float | None) -> Match:
        """The unit whose name is clearly the likest, if it is like enough and no number or direction differs."""
        if similar is None or not text or len(text) > _LONGEST:
            return Match()
        shared = np.zeros(len(self.keys), dtype=np.int64)
        for letter in set(text):
            for nth in range(text.count(letter)):
                shared[self._letters.get((letter, nth), [])] += 1
        bounds = 2 * shared / (len(text) + self._lengths)
        scores: dict[int, float] = {}
        for place in np.argsort(-bounds, kind="stable").tolist():
            if bounds[place] < max(similar, *scores.values(), 0.0) - MARGIN:
                break  # no name after this can be as like
            if not tier or self.tiers[place] == tier:
                scores[place] = _likeness(text, self._opened[place])
        best = max(scores.values(), default=0.0)
        near = [place for place, score in scores.items() if score > best - MARGIN]
        chosen = self._narrowed(near, tier, context)
        if best < similar or len({self.keys[place] for place in chosen}) != 1 or scores[chosen[0]] < similar:
            return Match()
        if _APART.findall(text) != _APART.findall(self._opened[chosen[0]]):
            return Match()
        return Match((self.keys[chosen[0]],), "similar", scores[chosen[0]])


def book_of(units: gpd.GeoDataFrame) -> Book:
    """The units of a study by name; columns unit_id, name, tier, parent_id, and any that say what a unit lies in."""
    keys = tuple(map(str, units["unit_id"]))
    above = [units[header].fillna("").astype("str").tolist() for header in above_headers(map(str, units.columns))]
    words = zip(*above, strict=True) if above else ((),) * len(keys)
    names, tiers = tuple(map(str, units["name"])), tuple(map(str, units["tier"]))
    return Book(keys, names, tiers, units, tuple(tuple(filter(None, one)) for one in words))


def plain_name(name: str) -> str:
    """A name in one spelling: half-width, without spaces and dots, in small letters.

    >>> plain_name("花木（街道） Ａ·1")
    '花木(街道)a1'
    """
    return re.sub(r"[\s·•‧・.\-—_]", "", unicodedata.normalize("NFKC", name)).lower()


def stem_of(name: str) -> tuple[str, str]:
    """A name without brackets and the suffixes of one tier, and that tier.

    >>> stem_of("新华村村民委员会"), stem_of("花木街道办事处"), stem_of("东村"), stem_of("滨河")
    (('新华', 'neighbourhood'), ('花木', 'subdistrict'), ('东村', 'neighbourhood'), ('滨河', ''))
    """
    stem, tier = _open(plain_name(name)), ""
    while found := _SUFFIX.search(stem):
        said = str(found.lastgroup)
        if (tier and said != tier) or found.start() < _SHORTEST:
            return stem, tier or said
        stem, tier = stem[: found.start()], said
    return stem, tier


def _open(text: str) -> str:
    """A plain name without brackets and what stands in them, unless nothing else is there."""
    return re.sub(r"[(\[【〔].*?[)\]】〕]", "", text) or text


def _likeness(one: str, other: str) -> float:
    return difflib.SequenceMatcher(None, one, other, autojunk=False).ratio()


def _spellings(word: str) -> frozenset[str]:
    stem, tier = stem_of(word)
    return frozenset({plain_name(word), f"{stem}/{tier}" if tier else stem})


def _parents(units: gpd.GeoDataFrame) -> list[int]:
    """The place of the unit above each: the one it states, else the lowest of a higher tier that its middle lies in."""
    keys = {key: place for place, key in enumerate(units["unit_id"]) if key}
    parents = np.array([keys.get(key, -1) for key in units["parent_id"]], dtype=np.int64)
    tiers = units["tier"].map({tier: rank for rank, tier in enumerate(TIERS)}).fillna(len(TIERS)).to_numpy()
    shapes = np.asarray(units.geometry.to_numpy())
    silent = np.flatnonzero((parents < 0) & ~shapely.is_missing(shapes) & ~shapely.is_empty(shapes))
    tree = shapely.STRtree(shapes)
    one, other = tree.query(shapely.centroid(shapes[silent]), predicate="within")
    pairs = zip(silent[one].tolist(), other.tolist(), strict=True)
    for place, above in sorted(pairs, key=lambda pair: -tiers[pair[1]]):  # the lowest last
        if tiers[above] > tiers[place]:
            parents[place] = above
    return [int(place) for place in parents]
