"""Naive twins by brute force: every hidden number is filled in at its ends, and each figure is reckoned anew."""

import math
from fractions import Fraction
from itertools import product

BIG = Fraction(10**15)  # stands for no end
TINY = 1 / BIG  # stands for hardly any: a unit with no household at all has no figure
ENDLESS = 10**8


def end_of(high):
    return BIG if high == math.inf else high


class World:
    """A book in which nothing is hidden any more: `told` has a value for each of the hidden numbers."""

    def __init__(self, book, states, roads, told):
        self.book, self.states, self.roads, self.told = book, states, roads, told
        self.areas = {one["key"]: self._area(one) for one in book.facilities}

    def _area(self, one):
        return one["area"] if one["area"] is not None else self.told["area", one["key"]]

    def households_of(self, unit):
        """Households of a unit itself: by dwelling, with `ghost` for those that live in none of its dwellings."""
        known = {dwelling: number for dwelling, number in self.book.homes[unit] if number is not None}
        hidden, ghost = self.told.get(("homes", unit), ({}, 0))
        return known | hidden, ghost

    def total(self, unit):
        if unit in self.book.lowest and self.book.stated(unit) is not None:
            return self.book.stated(unit)
        homes, ghost = self.households_of(unit)
        return sum(homes.values(), Fraction(0)) + ghost

    def households(self, unit):
        return sum((self.total(one) for one in self.book.members(unit)), Fraction(0))

    def sort(self, unit):
        return self.book.sort[unit] or self.told.get(("sort", unit), "")

    def counts(self, one):
        """Whether the area of a facility counts in the study: not where this leaves it out as too small."""
        count, book = self.book.count, self.book
        if count is None or count.small_sites == "count" or one["kind"] not in book.sized:
            return True
        if any(kind in book.sized for _, kind in one["hosts"]):
            return True  # its host is looked at
        return sum(self.areas[site["key"]] for site in book.site_with(one)) >= count.least_m2

    def here(self, rule, unit):
        return self.book.each(rule, unit)

    def service_m2(self, one):
        if one["service"] is not None:
            return one["service"]
        left = max(Fraction(0), self.areas[one["key"]] - (one["office"] or 0))
        return left * self.told["service", one["key"]]

    def reaches(self, dwelling, targets):
        states = {self.states[dwelling, target] for target in targets}
        return "reached" in states or ("unknown" in states and self.told["walk", dwelling])

    def reached(self, unit, targets):
        """Households that reach, and all."""
        reached = everybody = Fraction(0)
        for one in self.book.members(unit):
            homes, ghost = self.households_of(one)
            everybody += sum(homes.values(), Fraction(0)) + ghost
            reached += sum((n for home, n in homes.items() if self.reaches(home, targets)), Fraction(0))
            reached += ghost if self.told.get(("ghost", one)) else 0
        return reached, everybody


def value_of(world, standard, rule, unit):
    """The figure and the gap of a rule in a unit of a world; None for what does not apply."""
    if rule.urban_rural and not rule.of_rules and world.sort(unit) != rule.urban_rural:
        return None
    threshold = Fraction(str(rule.value)) if rule.value is not None else Fraction(0)
    return _MEASURES[rule.measure](world, standard, rule, unit, threshold)


def _short(needed, had):
    return max(Fraction(0), needed - had)


def _area_per_100(world, _, rule, unit, threshold):
    found = [one for one in world.here(rule, unit) if world.counts(one)]
    area = sum((world.areas[one["key"]] * one["shares"][rule.basis][unit] for one in found), Fraction(0))
    households = world.households(unit)
    return (area * 100 / households, _short(households * threshold / 100, area)) if households else None


def _smallest(world, _, rule, unit, threshold):
    sites = {}
    for one in world.here(rule, unit):
        key = one["main"] if world.book.together else one["key"]
        sites[key] = sum(world.areas[site["key"]] for site in world.book.all_sites(one))
    return (min(sites.values()), sum(_short(threshold, area) for area in sites.values())) if sites else None


def _count(world, _, rule, unit, threshold):
    there = world.book.there(rule, unit)
    n = Fraction(sum(world.areas[one["key"]] >= (rule.least_m2 or 0) for one in there))
    return n, _short(threshold, n)


def _service_share(world, _, rule, unit, threshold):
    rows = [(world.service_m2(one), world.areas[one["key"]]) for one in world.here(rule, unit)]
    if not rows:
        return None
    shares = [min(service / area, Fraction(1)) for service, area in rows if area]
    return (min(shares) if shares else None), sum(_short(threshold * area, service) for service, area in rows)


def _offered(world, _, rule, unit, threshold):
    if not world.households(unit):
        return None
    here = world.book.there(rule, unit)
    had = 0
    for service in rule.services:
        offered = any(service in (one["services"] or world.told["offers", one["key"]]) for one in here)
        walked = False
        if rule.limit_min:
            reached, everybody = world.reached(unit, [f"service_{service}"])
            walked = everybody > 0 and reached == everybody
        had += offered or walked
    n = len(rule.services)
    return Fraction(had, n), Fraction(math.ceil(_short(threshold * n, had)))


def _reached(world, _, rule, unit, threshold):
    reached, everybody = world.reached(unit, rule.kinds)
    return (reached / everybody, _short(threshold * everybody, reached)) if everybody else None


def _met_units(world, standard, rule, unit, threshold):
    met = counted = 0
    for one in world.book.members(unit):
        if world.book.tier[one] != rule.of_tier or rule.urban_rural not in (None, world.sort(one)):
            continue
        found = [(standard.rule(name), value_of(world, standard, standard.rule(name), one)) for name in rule.of_rules]
        asked = [(other, value) for other, value in found if value is not None]
        if len(asked) < len(found) and not world.households(one):
            continue  # nobody lives there, and a rule asks for those who do
        counted += 1
        met += bool(asked) and all(passes(other, value) for other, value in asked)
    return (Fraction(met, counted), Fraction(math.ceil(_short(threshold * counted, met)))) if counted else None


def _road(world, _, rule, unit, __):
    rows = [one["key"] for one in world.here(rule, unit)]
    metres = [world.roads.get(key, world.told.get(("road", key))) for key in rows]
    return (Fraction(str(float(max(metres)))), Fraction(0)) if rows else None


_MEASURES = {
    "floor_area_per_100_households": _area_per_100,
    "smallest_facility_floor_area": _smallest,
    "facilities_count": _count,
    "service_area_share": _service_share,
    "offered_services_share": _offered,
    "reached_households_share": _reached,
    "met_units_share": _met_units,
    "road_distance_m": _road,
}


def passes(rule, value):
    """Whether a figure meets a rule; with a share of nothing nobody can say, and it does not."""
    if value[0] is None:
        return False
    threshold = Fraction(str(rule.value))
    return value[0] >= threshold if rule.operator == ">=" else value[0] <= threshold


# --- What is hidden -------------------------------------------------------------------------------------------------


def hidden_numbers(book, states, roads, services):
    """For each hidden number the ends it can have, by what it is of."""
    found = {}
    for one in book.facilities:
        key = one["key"]
        if one["area"] is None:
            middle = [Fraction(str(book.count.least_m2))] if book.count else []
            inner = [m2 for m2 in middle if one["low"] < m2 < end_of(one["high"])]
            found["area", key] = [one["low"], *inner, end_of(one["high"])]
        if one["service"] is None:
            found["service", key] = [Fraction(0), Fraction(1)]
        if not one["services"]:
            found["offers", key] = [set(), set(services)]
        if key not in roads:
            found["road", key] = [Fraction(0), BIG]
    for unit in book.above:
        if not book.sort[unit]:
            found["sort", unit] = ["urban", "rural"]
        found |= _homes(book, unit)
    for dwelling in dict.fromkeys(dwelling for dwelling, _ in states):
        if "unknown" in [state for (home, _), state in states.items() if home == dwelling]:
            found["walk", dwelling] = [False, True]
    return found


def _homes(book, unit):
    """Ways to spread the households of a unit that its dwellings do not account for."""
    low, high, known = book.own(unit)
    hidden = [dwelling for dwelling, number in book.homes[unit] if number is None]
    left = sorted({max(low - known, Fraction(0)), max(end_of(high) - known, Fraction(0))})
    if left == [0] and not hidden:
        return {}
    left = sorted({*left, TINY}) if left[0] == 0 and left[-1] > 0 else left
    if not hidden:
        return {("homes", unit): [({}, number) for number in left], ("ghost", unit): [False, True]}
    ways = [({home: number if home == one else Fraction(0) for home in hidden}, 0) for one in hidden for number in left]
    return {("homes", unit): ways}


def fillings(hidden):
    """Every way to fill in hidden numbers at their ends."""
    for values in product(*hidden.values()):
        yield dict(zip(hidden, values, strict=True))


def n_fillings(hidden):
    return math.prod(len(values) for values in hidden.values())


def inner_filling(chance, hidden):
    """Hidden numbers filled in anywhere between their ends, each way of spreading households mixed with another."""
    told = {}
    for key, values in hidden.items():
        one, other = (values[int(chance.integers(len(values)))] for _ in range(2))
        part = Fraction(int(chance.integers(0, 5)), 4)
        if key[0] in ("area", "service", "road"):
            told[key] = one + (other - one) * part
        elif key[0] == "homes":
            told[key] = _mixed(one, other, part)
        else:
            told[key] = one
    return told


def _mixed(one, other, part):
    homes = {home: number + (other[0][home] - number) * part for home, number in one[0].items()}
    return homes, one[1] + (other[1] - one[1]) * part


def ends(values):
    """Lowest and highest of some figures as tables have them; None of none."""
    found = [value for value in values if value is not None]
    if not found:
        return None
    return float(min(found)), math.inf if max(found) > ENDLESS else float(max(found))
