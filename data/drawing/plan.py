"""The hand-drawn plan: where the roads, the river and the neighbourhoods of the invented district lie.

Coordinates are metres east and north of a local origin; `ORIGIN_M` puts that origin into EPSG:4549.
"""

from dataclasses import dataclass

ORIGIN_M = (615200.0, 3436700.0)  # EPSG:4549; near 121.20 E, 31.05 N
DRAWN_BOX_M = (-6600.0, -4000.0, 5400.0, 4000.0)  # a little more than what is kept
KNOWN_BOX_M = (-6080.0, -3700.0, 5000.0, 3720.0)  # streets are known inside; becomes a box in degrees

Points = list[tuple[float, float]]


@dataclass(frozen=True)
class Road:
    """One main road: its name, its class, the points it passes, and whether it bridges the river."""

    name: str
    highway: str
    points: Points
    bridge: str = ""  # the bridge's name; without one the road ends at the bank


@dataclass(frozen=True)
class Neighbourhood:
    """One neighbourhood: how it is built, how many households it has, and a point in each of its faces."""

    unit_id: str
    name: str
    fabric: str
    n_households: int
    seeds: Points
    turn_deg: float | None = None  # direction of its inner streets; None follows the surrounding roads


RIVER_NAME = "苇川"
RIVER: Points = [
    (-1980, 4040), (-1675, 2840), (-1290, 2150), (-1160, 1550), (-740, 1075), (-690, 515), (-930, 0),
    (-690, -560), (0, -815), (775, -645), (1460, -385), (2150, -475), (2750, -860), (3525, -990),
    (4215, -730), (4645, -775), (5505, -1120),
]  # fmt: skip
RIVER_HALF_WIDTH_M = [62, 55, 48, 50, 44, 48, 60, 52, 58, 66, 56, 50, 62, 58, 60, 64, 70]
ISLAND_CENTRE: tuple[float, float] = (690, -775)
ISLAND_SEMI_AXES_M = (250, 66)
ISLAND_TURN_DEG = 20.0

EXPRESSWAY_NAME = "苇川快速路"
EXPRESSWAY: Points = [
    (1120, 4040), (1275, 2840), (1590, 2280), (2105, 1830), (2750, 1550), (3610, 1340), (4300, 1290), (5505, 1445),
]  # fmt: skip
UNDERPASS_ROAD = "芦北路"

ROADS = [
    Road("芦北路", "secondary", [(-1460, 2320), (-515, 2340), (430, 2135), (1590, 2220), (2320, 2375),
                               (3180, 2200), (5505, 2255)]),
    Road("望川大道", "primary", [(-6710, 755), (-4730, 1075), (-3440, 860), (-2320, 1075), (-1460, 965),
                              (-715, 1015), (0, 1145), (775, 1275), (1635, 1160), (2495, 1015), (3355, 755),
                              (4300, 600), (5505, 655)], bridge="望川大桥"),
    Road("雀桥路", "secondary", [(-860, 325), (-430, 405), (0, 415), (775, 550), (1550, 480), (2410, 345),
                              (3355, 70), (4470, -85), (5505, -130)]),
    Road("渔歌路", "secondary", [(-6710, -1120), (-4815, -860), (-3610, -1075), (-2235, -905), (-1460, -1290),
                              (-815, -1480), (130, -1445), (1030, -1205), (1980, -1180), (2750, -1505),
                              (3610, -1590), (5505, -1460)]),
    Road("稻南路", "tertiary", [(-6710, -2425), (-5505, -2375), (-4300, -2150), (-3270, -2280), (-2065, -2390),
                             (-860, -2305), (170, -2135), (1030, -1920), (2065, -2005), (3095, -2235),
                             (5505, -2135)]),
    Road("麦北路", "tertiary", [(-6710, 2280), (-4815, 2150), (-3610, 2390), (-2580, 2135), (-1230, 2270)]),
    Road("通苇路", "primary", [(550, 4040), (815, 2175), (990, 1675), (1275, 1205), (1615, 515), (1825, -85),
                            (1890, -515), (1925, -1180), (2020, -1980), (1980, -4040)], bridge="通苇桥"),
    Road("书铺路", "secondary", [(85, 4040), (-70, 2235), (130, 1675), (300, 1160), (415, 480), (515, 0), (585, -730)]),
    Road("织云路", "secondary", [(2595, 1635), (2520, 1030), (2580, 345), (2725, -260), (2750, -905)]),
    Road("听涛路", "secondary", [(3690, 1375), (3570, 690), (3465, 45), (3610, -515), (3570, -1075)]),
    Road("灯市路", "tertiary", [(-630, 2365), (-445, 1675), (-290, 1100), (-170, 430), (-110, 0), (-225, -825)]),
    Road("远帆路", "secondary", [(2650, 4040), (2460, 2320), (2545, 1590)]),
    Road("东垂路", "tertiary", [(3570, 4040), (3485, 2200), (3640, 1305)]),
    Road("渡口路", "tertiary", [(-670, -515), (-800, -1480), (-860, -2320), (-990, -4040)]),
    Road("鱼梁路", "secondary", [(155, -730), (120, -1445), (205, -2135), (50, -4040)]),
    Road("半亩路", "tertiary", [(2780, -845), (2805, -1530), (2940, -2200), (3010, -4040)]),
    Road("西塘路", "tertiary", [(-4860, 4040), (-4955, 2160), (-4730, 1075), (-4920, 85), (-4860, -870),
                             (-5315, -1590), (-5540, -2375), (-5590, -4040)]),
    Road("石碾路", "tertiary", [(-3355, 4040), (-3465, 2355), (-3335, 875), (-3610, -85), (-3510, -1065),
                             (-3270, -2280), (-3395, -4040)]),
    Road("禾集路", "secondary", [(-2410, 4040), (-2005, 2200), (-2065, 1050), (-1875, 0), (-2200, -910),
                              (-1995, -2390), (-2045, -4040)]),
    Road("蒲塘路", "tertiary", [(-2690, 2255), (-2780, 1635), (-2650, 860)]),
]  # fmt: skip

FOOTBRIDGES: list[tuple[str, tuple[float, float], tuple[float, float]]] = [  # across the expressway
    ("梧叶天桥", (2135, 1755), (2245, 1840)),
    ("星垂天桥", (3060, 1385), (3115, 1540)),
]
RIVER_FOOTBRIDGE = ("苇岸步行桥", (1180, -415), (1120, -655))
PARK_DEPTH_M = 250.0
PARK_NEIGHBOURHOOD = "A0105"
ISLAND_NEIGHBOURHOOD = "A0402"
LOCKED_GATE_IN = ("A0301", "A0302")
REMOTE_NEIGHBOURHOOD = "B0204"
REMOTE_LANE: tuple[str, str, Points] = (
    "塘角路",
    "西塘路",
    [(-5530, -2300), (-5440, -2290), (-5330, -2305), (-5240, -2280)],
)

SUBDISTRICTS = [("A", "鹭汀街道"), ("B", "禾渡镇")]
CIRCLES = [
    ("A01", "老城生活圈"), ("A02", "北塘生活圈"), ("A03", "东麓生活圈"), ("A04", "汀南生活圈"),
    ("B01", "集镇生活圈"), ("B02", "稻香生活圈"),
]  # fmt: skip
UNKNOWN_HOUSEHOLDS = "B0203"
MORE_HOUSEHOLDS_THAN_LISTED = "A0404"
OUTSIDE_FACILITIES = [  # kind, area in m², name, place: across the southern and the eastern border
    ("综", 560.0, "外塘社区综合服务中心", (2500.0, -2125.0)),
    ("医", 200.0, "东洲社区卫生服务站", (3730.0, 200.0)),
]
MARKET_CENTRE: tuple[float, float] = (-2065, 1120)

NEIGHBOURHOODS = [
    Neighbourhood("A0101", "井栏里居委会", "old", 1620, [(85, 815)]),
    Neighbourhood("A0102", "灯笼巷居委会", "old", 1500, [(-430, 730)]),
    Neighbourhood("A0103", "苇岸居委会", "old", 1350, [(-515, 0)]),
    Neighbourhood("A0104", "石埠居委会", "old", 1700, [(170, 0)]),
    Neighbourhood("A0105", "书铺弄居委会", "slab", 1560, [(1120, 170)]),
    Neighbourhood("A0201", "北塘一村居委会", "slab", 2450, [(-815, 1720)], 15.0),
    Neighbourhood("A0202", "北塘二村居委会", "slab", 2680, [(-130, 1720)], 15.0),
    Neighbourhood("A0203", "北塘三村居委会", "slab", 2600, [(560, 1720)], 15.0),
    Neighbourhood("A0204", "梧叶居委会", "compound", 2150, [(1720, 1550)]),
    Neighbourhood("A0205", "望禾居委会", "slab", 2900, [(860, 860)], 15.0),
    Neighbourhood("A0206", "铃铎居委会", "slab", 1980, [(2065, 730)]),
    Neighbourhood("A0301", "云杉居委会", "compound", 2750, [(3010, 515)]),
    Neighbourhood("A0302", "听蝉居委会", "compound", 2480, [(2235, -85)]),
    Neighbourhood("A0303", "锦筠居委会", "compound", 2600, [(3095, -345)]),
    Neighbourhood("A0304", "远帆居委会", "compound", 1900, [(2105, 2150)]),
    Neighbourhood("A0305", "星垂居委会", "slab", 2100, [(3010, 1805)]),
    Neighbourhood("A0306", "织机园居委会", "industry", 0, [(3095, 1160)]),
    Neighbourhood("A0401", "南渡居委会", "slab", 1850, [(-345, -1120)]),
    Neighbourhood("A0402", "芦洲居委会", "slab", 1420, [(1030, -990)]),
    Neighbourhood("A0403", "月芽居委会", "compound", 2250, [(2320, -990)]),
    Neighbourhood("A0404", "鱼梁居委会", "slab", 2050, [(1030, -1590)]),
    Neighbourhood("A0405", "半亩居委会", "compound", 1760, [(2450, -1720)]),
    Neighbourhood("B0101", "集东居委会", "market", 2100, [(-1635, 1635)]),
    Neighbourhood("B0102", "集西居委会", "market", 1850, [(-2320, 1550)]),
    Neighbourhood("B0103", "蒲塘村", "village", 760, [(-3095, 1635)]),
    Neighbourhood("B0104", "白鹅圩村", "village", 640, [(-1460, 0)]),
    Neighbourhood("B0201", "麦浪村", "village", 720, [(-2750, 0)]),
    Neighbourhood("B0202", "雁泊村", "village", 880, [(-4300, 0)]),
    Neighbourhood("B0203", "石碾村", "village", 690, [(-2750, -1635)]),
    Neighbourhood("B0204", "远塘村", "village", 430, [(-4300, -1635)]),
]
