"""Naive twins of the measures: plain loops, NetworkX, shapely distances and fractions; slow and easy to trust."""

import math
import tomllib
from collections import defaultdict
from dataclasses import dataclass
from fractions import Fraction
from importlib.resources import files
from itertools import pairwise

import networkx as nx
import numpy as np
import pandas as pd
import shapely

import lifecircle as lc
from lifecircle.study import study_walker, walkers_of
from naive_comply import naive_edges, naive_road_m, naive_verdicts, serving

WALKING = tomllib.loads(files("lifecircle").joinpath("data", "walking.toml").read_text(encoding="utf-8"))
INFINITY = math.inf
TIE_M = 1e-6
EXIT_M = 1.0  # a street end this near to the stated edge of the known streets leads out
GUESSED_EXIT_M = 50.0  # the same where the edge is only guessed: the hull of the ends of walkable streets


# --- Streets --------------------------------------------------------------------------------------------------------


def _text(row, column):
    value = row.get(column, "")
    return value if isinstance(value, str) else ""


def walkable(row):
    """Whether a person may walk on a street: class, then foot, then access, then sidewalk."""
    rules = WALKING["streets"]
    if not rules["classes"].get(_text(row, "highway"), True):
        return False
    if _text(row, "foot") in rules["foot_yes"]:
        return True
    if _text(row, "foot") in rules["foot_no"]:
        return False
    if _text(row, "highway") in rules["need_sidewalk"] and _text(row, "sidewalk") in ("", *rules["no_sidewalk"]):
        return False
    return _text(row, "access") not in rules["access_no"]


def barrier_policy(barrier, gates):
    """What a barrier does, written `gate`, `gate=no` or `gate=policy:closed`: open, residents or closed."""
    kind, _, tag = barrier.partition("=")
    if tag.startswith("policy:"):
        return tag[len("policy:") :]
    if tag in WALKING["barriers"]["access"]:
        return WALKING["barriers"]["access"][tag]
    policy = WALKING["barriers"]["kinds"].get(kind, "open")
    if policy == "closed":
        return "open" if tag else "closed"
    return gates if policy == "gate" else policy


# Times as long on stairs, metres lost at a signal, and the factor of a slope.
PLAIN = {"stairs": 1.0, "wait_m": 0.0, "slope": None}


class NaiveTown:
    """Streets as a plain directed graph in metres of level walking, with every place put into it exactly."""

    def __init__(self, streets, gates="open", extent=None, walker=PLAIN):
        rows = streets.to_dict("records")
        self.extent = extent
        self.walker = walker
        self.rows = sorted(
            (row for row in rows if walkable(row) and row["geometry"].length > 0), key=lambda row: str(row["street_id"])
        )
        self.lines = np.array([row["geometry"] for row in self.rows])
        shapely.prepare(self.lines)
        self.usable = [walker["stairs"] != "never" or _text(row, "highway") != "steps" for row in self.rows]
        self.graph = nx.DiGraph()
        self.outward = set()
        self.ends = self._ends(gates)
        self.stops_on = defaultdict(set)
        self.legs = {}
        self.leaving = set()

    def _ends(self, gates):
        """The two nodes of every street; at a barrier that is not open, every street has a node of its own."""
        policies, meetings = {}, []
        for row in self.rows:
            pair = []
            for end, corner in (("from", 0), ("to", -1)):
                x, y = row["geometry"].coords[corner][:2]
                node = row.get(f"{end}_node") or (round(x, 3), round(y, 3))
                pair.append(node)
                policy = barrier_policy(_text(row, f"{end}_barrier"), gates)
                if policy != "open":
                    policies[node] = policy
            meetings.append(pair)
        ends = [
            tuple((node, place, side) if node in policies else node for side, node in enumerate(pair))
            for place, pair in enumerate(meetings)
        ]
        self._let_residents_out(ends, {node for node, policy in policies.items() if policy == "residents"})
        return ends

    def _let_residents_out(self, ends, gates):
        """At a gate for residents, a way from every street to the side that is fewer gates from the longest part."""
        town = nx.Graph()
        town.add_edges_from(ends)
        parts = list(nx.connected_components(town))
        part_of = {node: number for number, part in enumerate(parts) for node in part}
        length = defaultdict(float)
        for pair, row in zip(ends, self.rows, strict=True):
            length[part_of[pair[0]]] += row["geometry"].length
        here = {gate: [node for pair in ends for node in pair if len(node) == 3 and node[0] == gate] for gate in gates}
        joined = nx.Graph()
        for gate, nodes in here.items():
            joined.add_edges_from((("gate", gate), part_of[node]) for node in nodes)
        steps = {}
        for together in nx.connected_components(joined):
            sides = [one for one in together if not isinstance(one, tuple)]
            longest = max(round(length[side], 3) for side in sides)
            roots = [side for side in sides if round(length[side], 3) == longest]
            hops = nx.multi_source_dijkstra_path_length(joined.subgraph(together), roots)
            steps |= {side: hops[side] for side in sides}
        for nodes in here.values():
            least = min(steps[part_of[node]] for node in nodes)
            if max(steps[part_of[node]] for node in nodes) > least:
                for one in nodes:
                    for other in nodes:
                        if one != other and steps[part_of[other]] == least:
                            self._one_way(one, other, 0.0)
                            self.outward.add((one, other))

    def add(self, key, point, snap_m):
        """Snap a place to the nearest point of the nearest street, all streets looked at."""
        metres = np.where(self.usable, shapely.distance(self.lines, point), INFINITY)
        nearest = metres.min()
        if nearest > snap_m:
            return
        edge = int(np.flatnonzero(metres <= nearest + TIE_M)[0])  # streets are sorted by street_id
        along = self.lines[edge].project(point)
        self.stops_on[edge].add(along)
        self.legs[key] = (edge, along, nearest)

    def finish(self):
        """Cut every street at the places on it and at the edge of what is known, and hang every place on its cut."""
        for edge, line in enumerate(self.lines if self.extent else ()):
            for x, y in shapely.get_coordinates(line.intersection(self.extent.boundary)):
                along = line.project(shapely.Point(x, y))
                if EXIT_M < along < line.length - EXIT_M:
                    self.stops_on[edge].add(along)
                    self.leaving.add((edge, "cut", along))
        for edge, (start, end) in enumerate(self.ends):
            if not self.usable[edge]:
                continue
            row, line = self.rows[edge], self.lines[edge]
            corners = [line.project(shapely.Point(*spot[:2])) for spot in line.coords] if line.has_z else []
            cuts = sorted({0.0, line.length, *self.stops_on[edge], *corners})
            for here, there in pairwise(cuts):
                self._walk(row, line, (edge, "cut", here), (edge, "cut", there), here, there)
            for node, side, cut in ((start, "from", 0.0), (end, "to", line.length)):
                wait = self.walker["wait_m"] / 2 if _text(row, f"{side}_signal") == "yes" else 0.0
                self._join(node, (edge, "cut", cut), wait)
        for key, (edge, along, leg) in self.legs.items():
            self._join(key, self._spot(edge, along), leg)

    def _spot(self, edge, along):
        """Where a place stands: at a corner, on its near side of every street there, or on the street."""
        if along <= TIE_M:
            return self.ends[edge][0]
        return self.ends[edge][1] if along >= self.lines[edge].length - TIE_M else (edge, "cut", along)

    def _walk(self, row, line, one, two, here, there):
        """A piece of street in the directions in which it may be walked."""
        metres = there - here
        slower = self.walker["stairs"] if _text(row, "highway") == "steps" else 1.0
        on = back = slower
        if self.walker["slope"] and line.has_z and metres > 0:
            rise = _height(line, there) - _height(line, here)
            on, back = slower * self.walker["slope"](rise / metres), slower * self.walker["slope"](-rise / metres)
        if _text(row, "oneway") != "backward":
            self._one_way(one, two, metres * on)
        if _text(row, "oneway") != "forward":
            self._one_way(two, one, metres * back)

    def _join(self, one, two, metres):
        self._one_way(one, two, metres)
        self._one_way(two, one, metres)

    def _one_way(self, one, two, metres):
        before = self.graph.get_edge_data(one, two, {"metres": INFINITY})["metres"]
        self.graph.add_edge(one, two, metres=min(metres, before))

    def homeward(self):
        """The same graph for the walk home: residents are let in where they were let out."""
        graph = self.graph.copy()
        graph.remove_edges_from([(one, other) for one, other in self.outward if (other, one) not in self.outward])
        graph.add_edges_from((other, one, {"metres": 0.0}) for one, other in self.outward)
        return graph

    def metres_from(self, goals):
        """Metres to the nearest of some nodes from every node that can walk to one."""
        goals = [node for node in goals if node in self.graph]
        turned = self.graph.reverse(copy=False)
        return nx.multi_source_dijkstra_path_length(turned, goals, weight="metres") if goals else {}

    def exits(self):
        """Nodes on or beyond the edge of the known streets."""
        corners = [shapely.Point(line.coords[corner][:2]) for line in self.lines for corner in (0, -1)]
        known = self.extent or shapely.convex_hull(shapely.union_all(corners))
        near = EXIT_M if self.extent else GUESSED_EXIT_M
        nodes = [node for pair in self.ends for node in pair]
        return self.leaving | {
            node
            for node, corner in zip(nodes, corners, strict=True)
            if not known.intersects(corner) or known.boundary.distance(corner) <= near
        }


def _height(line, along):
    """Height of a line some metres from its start, by straight lines between its corners."""
    spots = list(line.coords)
    walked = 0.0
    for (x, y, z), (u, v, w) in pairwise(spots):
        piece = math.hypot(u - x, v - y)
        if along <= walked + piece + 1e-9 and piece > 0:
            return z + (w - z) * (along - walked) / piece
        walked += piece
    return spots[-1][2]


def _town(streets, dwellings, facilities, snap_m, gates, extent=None, walker=PLAIN):
    town = NaiveTown(streets, gates, extent, walker)
    homes = {("home", row["dwelling_id"]): row["geometry"] for row in dwellings.to_dict("records")}
    open_ones = [row for row in facilities.to_dict("records") if _text(row, "status") in ("", "open")]
    goals = {("goal", row["facility_id"]): row["geometry"] for row in open_ones}
    for key, point in (homes | goals).items():
        town.add(key, point, snap_m)
    town.finish()
    kinds = defaultdict(list)
    for row in open_ones:
        kinds[row["kind"]].append(("goal", row["facility_id"]))
    return town, homes, goals, kinds


def _minutes(town, homes, kinds, speed):
    found = {}
    for kind, goals in kinds.items():
        metres = town.metres_from(goals)
        for home in homes:
            found[home[1], kind] = metres[home] / speed / 60 if home in metres else None
    return found


def naive_minutes(streets, dwellings, facilities, walker_speed, snap_m, gates="open"):
    """Minutes from every dwelling to the nearest open facility of every kind, None where no walk leads to one."""
    town, homes, _, kinds = _town(streets, dwellings, facilities, snap_m, gates)
    return _minutes(town, homes, kinds, walker_speed)


def naive_pairs(streets, dwellings, facilities, walker_speed, snap_m, limit_min, gates="open", walker=PLAIN):
    """Minutes of every pair of a dwelling and an open facility within the limit, one search for each facility."""
    town, homes, goals, _ = _town(streets, dwellings, facilities, snap_m, gates, walker=walker)
    found = {}
    for goal in goals:
        metres = town.metres_from([goal])
        for home in homes:
            minutes = metres.get(home, INFINITY) / walker_speed / 60
            if minutes <= limit_min:
                found[home[1], goal[1]] = minutes
    return found


def naive_states(streets, dwellings, facilities, kinds, walker_speed, snap_m, limit_min, *, gates="open", extent=None):
    """Minutes and state of every dwelling and kind, and each dwelling's minutes to where the known streets end.

    A dwelling that does not reach a kind is unknown where it is unsnapped, where it can walk to an exit within the
    limit, or where an unsnapped facility of the kind lies within the limit as the crow flies.
    """
    town, homes, goals, by_kind = _town(streets, dwellings, facilities, snap_m, gates, extent)
    minutes = _minutes(town, homes, by_kind, walker_speed)
    outward = town.metres_from(town.exits())
    exit_min = {home[1]: outward[home] / walker_speed / 60 for home in homes if home in outward}
    states = {}
    for kind in kinds:
        lost = [goals[goal] for goal in by_kind.get(kind, []) if goal not in town.legs]
        for home, point in homes.items():
            walk = minutes.get((home[1], kind))
            crow = min((point.distance(one) / walker_speed / 60 for one in lost), default=INFINITY)
            if walk is not None and walk <= limit_min:
                state = "reached"
            elif home not in town.legs or exit_min.get(home[1], INFINITY) <= limit_min or crow <= limit_min:
                state = "unknown"
            else:
                state = "not_reached"
            states[home[1], kind] = state
    return minutes, states, exit_min


def naive_walks(streets, dwellings, facilities, walker_speed, snap_m, *, gates="open", walker=PLAIN):
    """Minutes there and back of every pair of a dwelling and an open facility, infinite where there is no way."""
    town, homes, goals, _ = _town(streets, dwellings, facilities, snap_m, gates, walker=walker)
    home_again = town.homeward()
    found = {}
    for goal in goals:
        there = town.metres_from([goal])
        back = nx.single_source_dijkstra_path_length(home_again, goal, weight="metres") if goal in home_again else {}
        for home in homes:
            metres = there.get(home, INFINITY), back.get(home, INFINITY)
            found[home[1], goal[1]] = tuple(one / walker_speed / 60 for one in metres)
    return found


# --- Edges of shares ------------------------------------------------------------------------------------------------


def differing_edges(verdicts, twin):
    """Shares whose near households, low or high end are not the twin's, and those that only one of both has."""
    ours = {}
    for row in verdicts[verdicts["measure"] == "reached_households_share"].to_dict("records"):
        for margin in ("30s", "5pct"):
            names = (f"near_{margin}_households", f"share_at_minus_{margin}", f"share_at_plus_{margin}")
            ours[row["standard"], row["rule_id"], row["unit_id"], margin] = [row[name] for name in names]
    return [key for key in ours.keys() | twin.keys() if key not in ours or not _same_edge(ours[key], twin.get(key))]


def _same_edge(ours, twin):
    if twin is None:
        return all(math.isnan(number) for number in ours)
    return all(math.isclose(one, float(other), rel_tol=1e-12) for one, other in zip(ours, twin, strict=True))


# --- What twins say of a result -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Twin:
    """What the naive twins say of a study: minutes and states by dwelling and kind, verdicts by rule and unit.

    Edges are what lies near the limits of its shares within a walk.
    """

    minutes: dict
    states: dict
    verdicts: dict
    edges: dict


def twin_of(result):
    """The naive twins of a result, from its inputs and standards alone."""
    study, tables = result.study, result.tables
    own, walkers = study_walker(study), walkers_of(study)
    open_ones = serving(tables.facilities, study.study.date)
    rules = [rule for standard in result.standards for rule in standard.rules]
    kinds = {kind for rule in rules for kind in rule.kinds} | set(open_ones["kind"])
    walks = {(own.name, study.walk.limit_min)} | {(rule.walker, rule.limit_min) for rule in rules if rule.limit_min}
    found = {
        (name, limit): naive_states(
            tables.streets,
            tables.dwellings,
            open_ones,
            kinds,
            walkers[name].speed_m_per_s,
            study.walk.snap_m,
            limit,
            gates=study.walk.gates,
            extent=tables.extent,
        )
        for name, limit in walks
    }
    states = {walk: states for walk, (_, states, _) in found.items()}
    roads = naive_road_m(open_ones, tables.streets, tables.gates)
    verdicts = naive_verdicts(
        tables, result.standards, states, study.study.date, study.unknown.model_dump(), count=study.count, roads=roads
    )
    exact = {walk: (_in_ticks(minutes), states, _in_ticks(exits)) for walk, (minutes, states, exits) in found.items()}
    edges = naive_edges(tables, result.standards, exact, study.study.date, study.unknown.model_dump())
    minutes, states, _ = found[own.name, study.walk.limit_min]
    return Twin(minutes, states, verdicts, edges)


def _in_ticks(minutes):
    """Minutes as fractions of whole 10 microseconds, which rids them of what sums of floats leave behind."""
    return {
        key: None if walk is None else Fraction(round(walk * 6_000_000), 6_000_000) for key, walk in minutes.items()
    }


def farthest_apart(dwellings, minutes):
    """Largest difference of minutes, infinite where one says there is no walk and the other that there is."""
    ours = {kind: dwellings[f"minutes_{kind}"].to_dict() for kind in {kind for _, kind in minutes}}
    return max((_apart(ours[kind][home], twin) for (home, kind), twin in minutes.items()), default=0.0)


def _apart(ours, twin):
    if twin is None or math.isnan(ours):
        return 0.0 if twin is None and math.isnan(ours) else INFINITY
    return abs(ours - twin)


def differing_states(dwellings, states):
    """Dwellings and kinds whose state is not the twin's."""
    ours = {kind: dwellings[f"reach_{kind}"].to_dict() for kind in {kind for _, kind in states}}
    return [(home, kind) for (home, kind), state in states.items() if ours[kind][home] != state]


def disagreements(verdicts, twin):
    """Rows of verdicts whose low, high or verdict is not the twin's, and rows that only one of both has."""
    ours = {
        (row["standard"], row["rule_id"], row["unit_id"]): (row["low"], row["high"], row["verdict"])
        for row in verdicts.to_dict("records")
    }
    return [key for key in ours.keys() | twin.keys() if not _same(ours.get(key), twin.get(key))]


def _same(ours, twin):
    if ours is None or twin is None or ours[2] != twin[2]:
        return False
    if twin[0] is None:
        return all(math.isnan(end) for end in ours[:2])
    return all(math.isclose(one, float(other), rel_tol=1e-12) for one, other in zip(ours[:2], twin[:2], strict=True))


def naive_decay(minutes, limit_min, decay):
    """The weight of a walk within a limit: alike, falling with the Gauss curve, or by steps of (minutes, weight)."""
    if decay == "none":
        return 1.0
    if decay == "gaussian":
        return (math.exp(-((minutes / limit_min) ** 2) / 2) - math.exp(-0.5)) / (1 - math.exp(-0.5))
    return next((weight for end, weight in sorted(decay) if minutes <= end), 0.0)


def naive_catchments(pairs, households, supply, limit_min, decay):
    """Demand and supply per household of every facility, and what each dwelling gets; unknown numbers are 0.

    `pairs` holds minutes by dwelling and facility within the limit, the others numbers by their keys.
    """
    demand, got = dict.fromkeys(supply, 0.0), dict.fromkeys(households, 0.0)
    for (home, goal), minutes in pairs.items():
        known = 0.0 if math.isnan(households[home]) else households[home]
        demand[goal] += known * naive_decay(minutes, limit_min, decay)
    known = {goal: 0.0 if math.isnan(number) else number for goal, number in supply.items()}
    each = {goal: known[goal] / demand[goal] for goal in supply if demand[goal] > 0}
    for (home, goal), minutes in pairs.items():
        got[home] += each.get(goal, 0.0) * naive_decay(minutes, limit_min, decay)
    return demand, each, got


def households_in_areas(network, tables, areas):
    """Known households inside each drawn area, and those that reach its facility within its limit."""
    homes = tables.dwellings
    pairs = lc.walk_minutes(network, homes, tables.facilities, limit_min=areas["limit_min"].max())
    households = homes["households"].fillna(0)
    by_key = dict(zip(homes["dwelling_id"], households, strict=True))
    rows = []
    for row in areas.to_dict("records"):
        near = pairs[(pairs["facility_id"] == row["facility_id"]) & (pairs["minutes"] <= row["limit_min"])]
        inside = households[homes.geometry.intersects(row["geometry"])].sum()
        rows.append((row["facility_id"], row["limit_min"], inside, sum(by_key[one] for one in near["dwelling_id"])))
    return pd.DataFrame(rows, columns=["facility_id", "limit_min", "inside", "reach"])


# --- Searches over arrays -------------------------------------------------------------------------------------------


class NaiveGraph:
    """Nodes and arcs in NetworkX; walks are whole ticks, `None` stands for no walk."""

    def __init__(self, n_nodes, arcs):
        self.arcs = nx.DiGraph()
        self.arcs.add_nodes_from(range(n_nodes))
        for tail, head, ticks in arcs:
            before = self.arcs.get_edge_data(tail, head, {"ticks": ticks})["ticks"]
            self.arcs.add_edge(tail, head, ticks=min(ticks, before))

    def walks(self, seeds):
        """Ticks to every node that can be walked to from some (node, ticks already walked)."""
        graph = self.arcs.copy()
        for node, ticks in seeds:
            before = graph.get_edge_data("start", node, {"ticks": ticks})["ticks"]
            graph.add_edge("start", node, ticks=min(ticks, before))
        if "start" not in graph:
            return {}
        return {
            node: ticks
            for node, ticks in nx.single_source_dijkstra_path_length(graph, "start", weight="ticks").items()
            if node != "start"
        }

    def ranked(self, seeds_of, limit):
        """For every node (ticks, source) of all sources within the limit, nearest first, then by number."""
        found = {node: [] for node in self.arcs}
        for source, seeds in enumerate(seeds_of):
            for node, ticks in self.walks(seeds).items():
                if ticks <= limit:
                    found[node].append((ticks, source))
        return {node: sorted(ranks) for node, ranks in found.items()}

    def pairs(self, seeds_of, stands_of, direct_of, limit):
        """Ticks of every (source, place) within the limit: by a node the place stands at, or direct."""
        found = {}
        for source, seeds in enumerate(seeds_of):
            walks = self.walks(seeds)
            for place, stands in enumerate(stands_of):
                ways = [walks[node] + ticks for node, ticks in stands if node in walks]
                ways += [ticks for other, ticks in direct_of[source] if other == place]
                if ways and min(ways) <= limit:
                    found[source, place] = min(ways)
        return found


def naive_sums(pairs, given, offered):
    """What each source gets of `given` over its places, and each place of `offered` over its sources."""
    got, gave = [0] * len(offered), [0] * len(given)
    for source, place in pairs:
        got[source] += given[place]
        gave[place] += offered[source]
    return got, gave
