"""Naive twins of the compliance measures: who belongs where, what counts, and every figure's ends by plain loops."""

import math
import re
import tomllib
import unicodedata
from collections import defaultdict
from fractions import Fraction
from importlib.resources import files

import pandas as pd

LADDER = ("neighbourhood", "circle", "subdistrict")
INFINITY = math.inf
WORDS = tomllib.loads(files("lifecircle").joinpath("data", "words.toml").read_text(encoding="utf-8"))
NO_ROADS = {"footway", "path", "steps", "cycleway", "bridleway", "corridor", "elevator", "track", "service", "platform"}


def text_of(row, column):
    value = row.get(column, "")
    return value if isinstance(value, str) else ""


# --- Facilities on a day --------------------------------------------------------------------------------------------


def serves_on(row, date, *, projected=False):
    """Whether a facility is in service on a day; projected: what is planned is open from the day it states."""
    opens, starts, ends = (row.get(name) for name in ("opens_on", "lease_from", "lease_until"))
    status = text_of(row, "status") or "open"
    if projected and status in ("planned", "under_construction") and not pd.isna(opens) and opens.date() <= date:
        status = "open"
    if status != "open" or (not pd.isna(opens) and opens.date() > date):
        return False
    return (pd.isna(starts) or starts.date() <= date) and (pd.isna(ends) or ends.date() >= date)


def serving(facilities, date):
    """The facilities in service on a day."""
    return facilities[[serves_on(row, date) for row in facilities.to_dict("records")]]


def _services(text):
    """Services in any of their spellings, by the word that they stand for."""
    known = {}
    for word, entry in WORDS["service"].items():
        for spelling in (word, entry["zh"], entry["en"], *entry.get("also", [])):
            known[spelling.replace(" ", "").lower()] = word
    parts = [part.strip() for part in re.split("[、;,/\n]", unicodedata.normalize("NFKC", text))]
    return {known.get(part.replace(" ", "").lower(), part) for part in parts if part}


def _line(rows, key, column):
    """The facilities on the line that a column draws from one, without it."""
    by_key, line = {row["facility_id"]: row for row in rows}, []
    while (key := text_of(by_key[key], column)) in by_key:
        line.append(by_key[key])
    return line


# --- Units, households and the ledger -------------------------------------------------------------------------------


def unit_at(point, units):
    """The unit of the lowest tier that holds a point; on a boundary the key that sorts first."""
    for tier in LADDER:
        held = [row["unit_id"] for row in units if row["tier"] == tier and row["geometry"].intersects(point)]
        if held:
            return min(held)
    return ""


def _parents(units, homes):
    """As stated; else where most known households live, in the lowest unit above each; else where an inner point is."""
    parents = {}
    known = [
        [text_of(row, "unit_id") or unit_at(row["geometry"], units), row["geometry"], number(row["households"])]
        for row in homes
        if row["households"] > 0
    ]
    for place, tier in enumerate(LADDER):
        higher = [row for row in units if row["tier"] in LADDER[place + 1 :]]
        for row in (one for one in units if one["tier"] == tier):
            votes = defaultdict(Fraction)
            for unit, point, households in known:
                if unit == row["unit_id"] and unit_at(point, higher):
                    votes[unit_at(point, higher)] += households
            most = [one for one in votes if votes[one] == max(votes.values())]
            inner = unit_at(row["geometry"].representative_point(), higher)
            parents[row["unit_id"]] = text_of(row, "parent_id") or (min(most) if most else inner)
        for home in known:
            if any(row["unit_id"] == home[0] and row["tier"] == tier for row in units):
                home[0] = parents[home[0]] or home[0]
    return parents


def number(value):
    return None if value is None or value != value else Fraction(str(value))


def range_of(given):
    return (Fraction(0), INFINITY) if given is None else tuple(Fraction(str(end)) for end in given)


def _shares(text):
    parts = [part.split(":") for part in text.split(";") if part]
    return {unit: Fraction(*share) if share else Fraction(1) for unit, *share in parts}


class NaiveBook:
    """Who belongs where: units with those above them, households of units, facilities with their shares.

    `ranges` says what unknown floor areas and households can be; `count` is the study's of small and split sites, and
    `kinds` are those that it is of.
    """

    def __init__(self, tables, date, ranges, *, count=None, kinds=(), projected=False):
        self.units = tables.units.to_dict("records")
        self.tier = {row["unit_id"]: row["tier"] for row in self.units} | {"district": "district"}
        self.sort = {row["unit_id"]: text_of(row, "urban_rural") for row in self.units} | {"district": ""}
        parents = _parents(self.units, tables.dwellings.to_dict("records"))
        self.above = {unit: self._chain(unit, parents) for unit in parents}
        self.lowest = set(parents) - set(parents.values())
        self.ranges, self.count, self.sized = ranges, count, kinds
        self.homes = defaultdict(list)
        for row in tables.dwellings.to_dict("records"):
            unit = text_of(row, "unit_id") or unit_at(row["geometry"], self.units)
            self.homes[unit].append((row["dwelling_id"], number(row["households"])))
        rows = tables.facilities.to_dict("records")
        served = [row for row in rows if serves_on(row, date, projected=projected)]
        self.facilities = [self._facility(row, rows) for row in served]
        self.together = count is not None and count.split_sites == "together"
        self.lost = {one["key"] for one in self.facilities if self._hangs_on_nothing(one)}

    @staticmethod
    def _chain(unit, parents):
        chain = []
        while unit:
            chain.append(unit)
            unit = parents.get(unit, "")
        return [*chain, "district"]

    def _facility(self, row, rows):
        here = unit_at(row["geometry"], self.units)
        shares = _shares(text_of(row, "serves")) or ({here: Fraction(1)} if here else {})
        counts, of_tier = defaultdict(Fraction), defaultdict(Fraction)
        for unit, share in shares.items():
            for above in self.above[unit]:
                counts[above] += share
                if self.tier[above] == (text_of(row, "tier") or self.tier[unit]):
                    of_tier[above] += share
        parts = {name: number(row.get(f"{name}_area_m2")) for name in ("service", "office")}
        stated = sum((part for part in parts.values() if part is not None), Fraction(0))
        area = number(row["floor_area_m2"])
        low, high = (area, area) if area is not None else range_of(self.ranges.get("floor_area_m2"))
        if area is None:
            low, high = max(low, stated), max(high, stated)
        key = row["facility_id"]
        return {
            "key": key,
            "kind": row["kind"],
            "area": area,
            "low": low,
            "high": high,
            "shares": {"territorial": counts, "own_tier": of_tier},
            "hosts": [(host["facility_id"], host["kind"]) for host in _line(rows, key, "part_of")],
            "main": (_line(rows, key, "site_of") or [row])[-1]["facility_id"],
            "services": _services(text_of(row, "services")),
            **parts,
        }

    def _is_alone(self, one):
        """Whether no facility that one is part of is of a kind that counts in the study."""
        return not any(kind in self.sized for _, kind in one["hosts"])

    def _hangs_on_nothing(self, one):
        """Whether the outermost facility of a kind that counts, which one is part of, does not count itself."""
        hosts = [key for key, kind in one["hosts"] if kind in self.sized]
        if one["kind"] not in self.sized or not hosts:
            return False
        host = next((other for other in self.facilities if other["key"] == hosts[-1]), None)
        return host is None or not host["shares"]["territorial"] or self.as_counted(host) is None

    def as_counted(self, one):
        """A facility as it counts in floor area; None where the study leaves it out, from 0 where it perhaps does."""
        if self.count is None or self.count.small_sites == "count":
            return one
        if one["kind"] not in self.sized or not self._is_alone(one):
            return one
        low, high = (sum(other[end] for other in self.site_with(one)) for end in ("low", "high"))
        least = Fraction(str(self.count.least_m2))
        return one if low >= least else one | {"low": Fraction(0)} if high >= least else None

    def site_with(self, one):
        """The sites whose size decides whether a small one counts: itself, or all that stand for themselves."""
        if not self.together:
            return [one]
        alone = [other for other in self.facilities if other["kind"] in self.sized and self._is_alone(other)]
        return [other for other in alone if other["main"] == one["main"]]

    def all_sites(self, one):
        """All sites in service of the facility that one belongs to, or it alone."""
        return [other for other in self.facilities if other["main"] == one["main"]] if self.together else [one]

    def own(self, unit):
        """Households of a unit that are in none below it: low, high, known ones in dwellings.

        No more than a unit above it states and the others in that leave.
        """
        low, high, known = self._counted(unit)
        for above in self.above[unit][1:-1]:
            stated = self.stated(above)
            if stated is not None and low < high:
                left = stated - sum(self._counted(one)[0] for one in self.members(above) if one != unit)
                high = min(high, left) if left >= low else high
        return low, high, known

    def stated(self, unit):
        """What a unit says of its households; None where it does not."""
        return next((number(row["households"]) for row in self.units if row["unit_id"] == unit), None)

    def _counted(self, unit):
        """The same by what the unit and its dwellings say."""
        known = [households for _, households in self.homes[unit] if households is not None]
        hidden = len(known) < len(self.homes[unit])
        if unit not in self.lowest:
            return sum(known), INFINITY if hidden else sum(known), sum(known)
        stated = self.stated(unit)
        if stated is not None:
            return stated, stated, sum(known)
        if known and not hidden:
            return sum(known), sum(known), sum(known)
        low, high = range_of(self.ranges.get("households"))
        return max(low, sum(known)), max(high, sum(known)), sum(known)

    def members(self, unit):
        """The unit itself and every unit below it."""
        return [one for one, above in self.above.items() if unit in above]

    def households(self, unit):
        """Lowest and highest number of households of a unit."""
        own, stated = [self.own(one) for one in self.members(unit)], self.stated(unit)
        low, high = sum(low for low, _, _ in own), sum(high for _, high, _ in own)
        return (stated, stated) if stated is not None and low <= stated <= high else (low, high)

    def there(self, rule, unit):
        """Facilities in service in a unit by the basis of a rule, of its kinds if it has some."""
        return [
            one
            for one in self.facilities
            if (one["kind"] in rule.kinds or not rule.kinds) and one["shares"][rule.basis].get(unit, 0) > 0
        ]

    def each(self, rule, unit):
        """Those of them that a rule on areas looks at: not what is part of another of its kinds, or of nothing."""
        return [
            one
            for one in self.there(rule, unit)
            if one["key"] not in self.lost and not any(kind in rule.kinds for _, kind in one["hosts"])
        ]


# --- Figures from low to high ---------------------------------------------------------------------------------------


def _divide(low, high, over_low, over_high):
    """Ends of a quotient; no upper end where the divisor can be 0, unless nothing is divided."""
    if high == 0:
        return Fraction(0), Fraction(0)
    least = Fraction(0) if over_high == INFINITY else low / over_high
    most = INFINITY if high == INFINITY or over_low == 0 else high / over_low
    return least, most


def _area_per_100(book, rule, unit):
    low, high = book.households(unit)
    if high == 0:
        return None
    counted = [one for one in map(book.as_counted, book.each(rule, unit)) if one]
    least = sum((one["low"] * one["shares"][rule.basis][unit] for one in counted), Fraction(0))
    most = sum((one["high"] * one["shares"][rule.basis][unit] for one in counted), Fraction(0))
    return _divide(least * 100, most * 100, low, high)


def _smallest(book, rule, unit):
    sites = [book.all_sites(one) for one in book.each(rule, unit)]
    wholes = [(sum(one["low"] for one in each), sum(one["high"] for one in each)) for each in sites]
    return (min(low for low, _ in wholes), min(high for _, high in wholes)) if wholes else None


def _count(book, rule, unit):
    least = Fraction(str(rule.least_m2 or 0))
    there = book.there(rule, unit)
    return sum(one["low"] >= least for one in there), sum(one["high"] >= least for one in there)


def _service_share(book, rule, unit):
    found = [_service_part(one) for one in book.each(rule, unit)]
    return (min(low for low, _ in found), min(high for _, high in found)) if found else None


def _service_part(one):
    """Service area in floor area: of what is known, else from none to all that the offices leave."""
    if one["service"] is not None:
        low = Fraction(0) if one["high"] in (0, INFINITY) else one["service"] / one["high"]
        high = one["service"] / one["low"] if one["low"] else Fraction(1)
        return min(low, 1), min(high, 1)
    office = one["office"] or Fraction(0)
    return Fraction(0), Fraction(1) if one["high"] in (0, INFINITY) else max(Fraction(0), 1 - office / one["high"])


def _offered(book, rule, unit, states):
    if book.households(unit) == (0, 0):
        return None
    here = book.there(rule, unit)
    sure = perhaps = 0
    for service in rule.services:
        surely = may = False
        if rule.limit_min:
            worst, best = _spread(book, unit, states, (f"service_{service}",))
            surely, may = worst[1] == 0, best[1] == 0 < best[0]
        there = any(service in one["services"] for one in here) or surely
        sure += there
        perhaps += there or any(not one["services"] for one in here) or may
    return Fraction(sure, len(rule.services)), Fraction(perhaps, len(rule.services))


def _road(book, rule, unit, roads):
    found = [roads.get(one["key"]) for one in book.each(rule, unit)]
    if not found:
        return None
    known = [Fraction(str(metres)) for metres in found if metres is not None]
    return max(known, default=Fraction(0)), INFINITY if None in found else max(known)


def _state(states, dwelling, targets):
    found = {states[dwelling, target] for target in targets}
    return next(state for state in ("reached", "unknown", "not_reached") if state in found)


def _spread(book, unit, states, targets):
    """Households that reach and those that do not: those that nobody counted where they help least, then most."""
    worst, best = [Fraction(0), Fraction(0)], [Fraction(0), Fraction(0)]
    for one in book.members(unit):
        low, high, known = book.own(one)
        hidden = set()
        for dwelling, households in book.homes[one]:
            state = _state(states, dwelling, targets)
            if households is None:
                hidden.add(state)
                continue
            worst[state != "reached"] += households
            best[state == "not_reached"] += households
        left_low, left_high = max(low - known, 0), max(high - known, 0)
        if not hidden and left_high > 0:
            hidden.add("unknown")
        if hidden:
            may_miss, may_reach = hidden != {"reached"}, hidden != {"not_reached"}
            worst[may_miss] += left_high if may_miss else left_low
            best[not may_reach] += left_high if may_reach else left_low
    return worst, best


def _reached_share(book, rule, unit, states):
    """Share of households that reach, at worst and at best."""
    worst, best = _spread(book, unit, states, rule.kinds)
    if book.households(unit) == (0, 0) and sum(worst) == sum(best) == 0:
        return None
    low = Fraction(1) if worst[1] == 0 else Fraction(0) if worst[1] == INFINITY else worst[0] / sum(worst)
    high = Fraction(0) if best[0] == 0 else Fraction(1) if best[0] == INFINITY else best[0] / sum(best)
    return low, high


PEOPLE = (
    "floor_area",
    "reached_households",
    "offered_services",
    "reachable_floor_area",
)  # no figure without households


def _met_share(book, rule, unit, figures, people):
    """Share of units that meet: unknown ones may, and those that do not say their sort may not be among them.

    With `people`, rules that ask for households among those counted, no unit where nobody lives is, and a unit where
    perhaps nobody lives may not be.
    """
    ways = [(0, 0)]  # how many units meet, of how many, in every way that the unknown ones can turn out
    for one in book.members(unit):
        if book.tier[one] != rule.of_tier:
            continue
        if rule.urban_rural and book.sort[one] not in ("", rule.urban_rural):
            continue
        verdicts = {figures[name, one] for name in rule.of_rules}
        few, many = book.households(one)
        if many == 0 and people:
            continue
        unmet = "unmet" in verdicts or verdicts == {"not_applicable"}
        met = (False,) if unmet else (False, True) if "unknown" in verdicts else (True,)
        more = [(meets, 1) for meets in met]
        more += [(0, 0)] if (rule.urban_rural and not book.sort[one]) or (few == 0 and people) else []
        ways = list({(met + plus, of + one_more) for met, of in ways for plus, one_more in more})
    found = [Fraction(met, of) for met, of in ways if of]
    return (min(found), max(found)) if found else None


def _judged(figure, rule):
    if figure is None:
        return "not_applicable"
    if rule.value is None:
        return "unknown"
    threshold = Fraction(str(rule.value))
    passes = {end >= threshold if rule.operator == ">=" else end <= threshold for end in figure}
    return {frozenset({True}): "met", frozenset({False}): "unmet"}.get(frozenset(passes), "unknown")


def _figure(book, rule, unit, states, roads, judged, people):
    if rule.urban_rural and not rule.of_rules and book.sort[unit] not in ("", rule.urban_rural):
        return None
    walks = states.get((rule.walker, rule.limit_min), {})
    measures = {
        "floor_area_per_100_households": lambda: _area_per_100(book, rule, unit),
        "smallest_facility_floor_area": lambda: _smallest(book, rule, unit),
        "facilities_count": lambda: _count(book, rule, unit),
        "service_area_share": lambda: _service_share(book, rule, unit),
        "offered_services_share": lambda: _offered(book, rule, unit, walks),
        "road_distance_m": lambda: _road(book, rule, unit, roads),
        "reached_households_share": lambda: _reached_share(book, rule, unit, walks),
        "met_units_share": lambda: _met_share(book, rule, unit, judged, people),
    }
    return measures[rule.measure]()


def binds(standard, rule, day):
    """Whether a rule can be failed on a day: no recommendation, due, and all that it hangs on in force that day."""
    asked = [rule, *(one for one in standard.rules if one.id in rule.of_rules)]
    in_force = all((one.status or standard.status) == "in_force" for one in asked)
    begun = standard.valid_from is None or standard.valid_from <= day
    over = standard.valid_until is not None and standard.valid_until < day
    due = rule.target_date <= day if rule.target_date else (rule.target_year or 0) <= day.year
    return in_force and begun and not over and due and not rule.advisory


def naive_verdicts(tables, standards, states, date, ranges, *, count=None, roads=None, projected=False):
    """Low, high (None without a figure) and verdict of every standard, rule and unit.

    `states` holds what each dwelling reaches by walker and limit, `roads` metres by facility.
    """
    rules = [rule for standard in standards for rule in standard.rules]
    kinds = {kind for rule in rules if rule.measure == "floor_area_per_100_households" for kind in rule.kinds}
    kinds = kinds or {kind for rule in rules for kind in rule.kinds}
    book = NaiveBook(tables, date, ranges, count=count, kinds=kinds, projected=projected)
    found = {}
    for standard in standards:
        judged = {}
        for rule in sorted(standard.rules, key=lambda rule: rule.measure == "met_units_share"):
            for unit, tier in book.tier.items():
                if tier not in rule.tiers:
                    continue
                counted = [one.measure for one in standard.rules if one.id in rule.of_rules]
                people = any(measure.startswith(PEOPLE) for measure in counted)
                figure = _figure(book, rule, unit, states, roads or {}, judged, people)
                verdict = judged[rule.id, unit] = _judged(figure, rule)
                if figure is not None and rule.urban_rural and not rule.of_rules and not book.sort[unit]:
                    verdict = "unknown"  # nobody says whether the rule holds here; a share of units asks by itself
                if figure is not None and not binds(standard, rule, date):
                    verdict = "reference"
                found[standard.id, rule.id, unit] = (*(figure or (None, None)), verdict)
    return found


def naive_road_m(facilities, streets, gates):
    """Metres, to a centimetre, from each facility to the nearest road, gate or gated street end; all looked at."""
    shapes = [row["geometry"] for row in streets.to_dict("records") if text_of(row, "highway") not in NO_ROADS]
    shapes += list(gates.geometry)
    for row in streets.to_dict("records"):
        for side, corner in (("from", 0), ("to", -1)):
            if text_of(row, f"{side}_barrier").partition("=")[0] in ("gate", "lift_gate"):
                shapes.append(type(row["geometry"].centroid)(row["geometry"].coords[corner]))
    rows = facilities.to_dict("records")
    return {row["facility_id"]: round(min(map(row["geometry"].distance, shapes)), 2) for row in rows if shapes}


# --- Near the limit of a walk ---------------------------------------------------------------------------------------


def naive_edges(tables, standards, walks, date, ranges):
    """What lies near the limit of every share within a walk: by standard, rule, unit and margin.

    For each margin: known households whose walk ends within it, the low end of the share at the shorter limit, the high
    end at the longer one (None without a figure). `walks` holds by walker and limit the minutes and the state of every
    dwelling and kind, and each dwelling's minutes to where the known streets end, as fractions.
    """
    book = NaiveBook(tables, date, ranges)
    found = {}
    for standard in standards:
        for rule in standard.rules:
            if rule.measure != "reached_households_share":
                continue
            walk, limit = walks[rule.walker, rule.limit_min], Fraction(str(rule.limit_min))
            for margin, width in (("30s", Fraction(1, 2)), ("5pct", limit * Fraction(5, 100))):
                shorter, longer = _states_at(limit - width, *walk), _states_at(limit + width, *walk)
                for unit, tier in book.tier.items():
                    if tier not in rule.tiers:
                        continue
                    near = _households_between(book, rule, unit, walk[0], limit - width, limit + width)
                    low = _reached_share(book, rule, unit, shorter)
                    high = _reached_share(book, rule, unit, longer)
                    edge = None if low is None else (near, low[0], high[1])
                    found[standard.id, rule.id, unit, margin] = edge
    return found


def _states_at(limit, minutes, states, exits):
    """What a dwelling reaches at another limit: unknown stays unknown until the walk to a facility is short enough."""
    found = {}
    for (dwelling, kind), state in states.items():
        walk, outward = minutes.get((dwelling, kind)), exits.get(dwelling)
        if walk is not None and walk <= limit:
            found[dwelling, kind] = "reached"
        elif state == "unknown" or (outward is not None and outward <= limit):
            found[dwelling, kind] = "unknown"
        else:
            found[dwelling, kind] = "not_reached"
    return found


def _households_between(book, rule, unit, minutes, shortest, longest):
    near = Fraction(0)
    for one in book.members(unit):
        for dwelling, households in book.homes[one]:
            walks = [minutes.get((dwelling, kind)) for kind in rule.kinds]
            walks = [walk for walk in walks if walk is not None]
            if households is not None and walks and shortest <= min(walks) <= longest:
                near += households
    return near
