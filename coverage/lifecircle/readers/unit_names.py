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
_ZERO_TO_NINE = "零一二三四五六七八九"
_LONGEST = 100  # characters of what can be a unit's name
_SUFFIXES = {  # of each tier, in groups: those of one group stand for each other, those of two tell two units apart
    "neighbourhood": (
        ("社区居民委员会", "社区居委会", "社区居委", "居民委员会", "居委会", "居委", "居民区", "社区"),
        ("村民委员会", "村委会", "村委", "行政村", "村"),
    ),
    "subdistrict": (
        ("街道办事处", "街道办", "街道"), ("地区办事处", "地区"), ("镇人民政府", "镇"), ("乡人民政府", "民族乡", "乡"),
    ),
    "circle": (("十五分钟社区生活圈", "社区生活圈", "生活圈", "片区"),),
}  # fmt: skip
_ENDINGS = "|".join(
    f"(?P<{tier}{number}>{'|'.join(words)})"
    for tier, groups in _SUFFIXES.items()
    for number, words in enumerate(groups)
)
_SUFFIX = re.compile(f"(?:{_ENDINGS})$")
_BRACKETS = re.compile(r"[(\[【〔](.*?)[)\]】〕]")
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
            places = self._levels[level].get(spelt, [])
            if found := self._narrowed(self._agreeing(text, places) if level > 1 else places, tier, context):
                return self._told(found, "plain" if level else "name", context)
        found = self._by_stem(text, tier, context)
        if not found:
            rest, above = self._without_prefix(text)
            if rest:
                found, context = self._by_rest(rest, tier, (*context, *above)), (*context, *above)
        if found:
            return self._told(found, "plain", context)
        return Match() if similar is None else self._likest(text, tier, context, similar)

    def nearest(self, word: str) -> str:
        """The key or name that an unknown word may have meant, empty where none is clearly the likest."""
        same = {self.keys[place] for place in self._levels[3].get(stem_of(word)[0], [])}
        keys = same if len(same) == 1 else self._like(_open(plain_name(word)), "", (), _NEAR).keys
        if keys:
            place = self._places[next(iter(keys))]
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
    def _signs(self) -> list[tuple[str, str]]:
        return [_signs(name) for name in self.names]

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
        expected, places = tier or said, self._agreeing(text, self._levels[3].get(stem, []))
        places = [place for place in places if not expected or self.tiers[place] == expected]
        return self._narrowed(places, "", context)

    def _by_rest(self, rest: str, tier: str, context: tuple[str, ...]) -> list[int]:
        """Units of a name whose beginning said what they lie in."""
        same = self._levels[1].get(rest, []) or self._agreeing(rest, self._levels[2].get(_open(rest), []))
        return self._narrowed(same, tier, context) or self._by_stem(rest, tier, context)

    def _agreeing(self, text: str, places: list[int]) -> list[int]:
        """Those of some units that a name does not contradict in brackets, or by a suffix of another group."""
        own = _signs(text)
        return [
            place
            for place in places
            if all(one == other or not one or not other for one, other in zip(own, self._signs[place], strict=True))
        ]

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

    def _likest(self, text: str, tier: str, context: tuple[str, ...], similar: float) -> Match:
        """The unit whose name is clearly the likest, if its stem is like enough too.

        Suffixes alone make names alike, so stems are compared as well; of a longer one, a single wrong character is
        always like enough.
        """
        found = self._like(_open(text), tier, context, min(similar, _NEAR))
        if not found.keys or not self._agreeing(text, [self._places[found.keys[0]]]):
            return Match()
        one, other = stem_of(text)[0], stem_of(self.names[self._places[found.keys[0]]])[0]
        is_misspelt = len(one) == len(other) and sum(a != b for a, b in zip(one, other, strict=True)) <= 1
        is_like = found.score >= similar and (is_misspelt or _likeness(one, other) >= similar)
        return found if is_like or (is_misspelt and len(one) > _SHORTEST) else Match()

    def _like(self, text: str, tier: str, context: tuple[str, ...], similar: float) -> Match:
        """The unit whose name is clearly the likest, if it is like enough and no number or direction differs."""
        if not text or len(text) > _LONGEST:
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
    """A name in one spelling: half-width, without spaces and dots, in small letters, its numbers in Chinese.

    >>> plain_name("花木（街道） Ａ·1"), plain_name("南苑12村")
    ('花木(街道)a一', '南苑十二村')
    """
    text = re.sub(r"[\s·•‧・.\-—_]", "", unicodedata.normalize("NFKC", name)).lower()
    return re.sub(r"[0-9]+", lambda found: _numeral(found[0]), text)


def _numeral(digits: str) -> str:
    """A number in Chinese as names have it; digit by digit from a hundred on.

    >>> [_numeral(one) for one in ("2", "10", "21", "102")]
    ['二', '十', '二十一', '一零二']
    """
    if len(digits) > len("99") or not int(digits):
        return "".join(_ZERO_TO_NINE[int(digit)] for digit in digits)
    tens, ones = divmod(int(digits), 10)
    return (_ZERO_TO_NINE[tens] if tens > 1 else "") + ("十" if tens else "") + (_ZERO_TO_NINE[ones] if ones else "")


def stem_of(name: str) -> tuple[str, str]:
    """A name without brackets and the suffixes of one group, and their tier.

    >>> stem_of("新华村村民委员会"), stem_of("花木街道办事处"), stem_of("东村"), stem_of("滨河")
    (('新华', 'neighbourhood'), ('花木', 'subdistrict'), ('东村', 'neighbourhood'), ('滨河', ''))
    """
    stem, group = _stem(name)
    return stem, group.rstrip("0123456789")


def _stem(name: str) -> tuple[str, str]:
    """A name without brackets and the suffixes of one group, and that group."""
    stem, group = _open(plain_name(name)), ""
    while found := _SUFFIX.search(stem):
        said = str(found.lastgroup)
        if (group and said != group) or found.start() < _SHORTEST:
            return stem, group or said
        stem, group = stem[: found.start()], said
    return stem, group


def _signs(name: str) -> tuple[str, str]:
    """What stands in a name's brackets, and the group of its suffix: where either differs, so does the unit."""
    text = plain_name(name)
    inside = "".join(_BRACKETS.findall(text)) if _open(text) != text else ""
    return inside, _stem(name)[1]


def _open(text: str) -> str:
    """A plain name without brackets and what stands in them, unless nothing else is there."""
    return _BRACKETS.sub("", text) or text


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
