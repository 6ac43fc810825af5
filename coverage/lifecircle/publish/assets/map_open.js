// Opens what the page holds: compressed blocks, columns of whole numbers, texts kept once.

const STEP_DEG = 5e-6;
const LETTERS = { m: "met", x: "unmet", u: "unknown", n: "not_applicable", r: "reference" };

async function opened(id) {
  const block = document.getElementById(id);
  if (!block) return null;
  const letters = atob(block.textContent);
  const bytes = new Uint8Array(letters.length);
  for (let i = 0; i < letters.length; i++) bytes[i] = letters.charCodeAt(i);
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
  return JSON.parse(await new Response(stream).text());
}

// Sums of differences: the column as it was.
function summed(differences) {
  let sum = 0;
  return differences.map((difference) => (sum += difference));
}

const degreesOf = (differences) => summed(differences).map((steps) => steps * STEP_DEG);

// Places of the world as a square of side 1, which a map draws by one product and one sum.
const worldX = (lon) => lon / 360 + 0.5;

function worldY(lat) {
  const sine = Math.sin((lat * Math.PI) / 180);
  return 0.5 - Math.log((1 + sine) / (1 - sine)) / (4 * Math.PI);
}

const lonOf = (x) => (x - 0.5) * 360;
const latOf = (y) => (Math.atan(Math.exp((0.5 - y) * 2 * Math.PI)) * 360) / Math.PI - 90;

// Packed shapes as arrays: x and y of all corners, where each ring and each shape begins, and the box of each shape.
function shapesOf(packed) {
  const { rings, points, steps } = packed || { rings: [], points: [], steps: [] };
  const n = steps.length / 2;
  const shapes = { n: rings.length, x: new Float64Array(n), y: new Float64Array(n) };
  for (let i = 0, east = 0, north = 0; i < n; i++) {
    shapes.x[i] = worldX((east += steps[2 * i]) * STEP_DEG);
    shapes.y[i] = worldY((north += steps[2 * i + 1]) * STEP_DEG);
  }
  shapes.ring = Uint32Array.from([0, ...summed(points)]);
  shapes.shape = Uint32Array.from([0, ...summed(rings)]);
  shapes.box = boxesOf(shapes);
  return shapes;
}

function boxesOf({ n, x, y, ring, shape }) {
  const box = new Float64Array(4 * n).fill(NaN);
  for (let i = 0; i < n; i++) {
    let [west, top, east, bottom] = [Infinity, Infinity, -Infinity, -Infinity];
    for (let j = ring[shape[i]]; j < ring[shape[i + 1]]; j++) {
      if (x[j] < west) west = x[j];
      if (x[j] > east) east = x[j];
      if (y[j] < top) top = y[j];
      if (y[j] > bottom) bottom = y[j];
    }
    if (west <= east) box.set([west, top, east, bottom], 4 * i);
  }
  return box;
}

// The payload as it was before it was packed, but for shapes, which are arrays now.
function unpacked(pack) {
  const { texts } = pack;
  const units = unitsOf(pack);
  const [kinds, { facilities: rows }] = [pack.kinds, pack];
  const [lat, lon] = [degreesOf(rows.lat), degreesOf(rows.lon)];
  const facilities = rows.name.map((name, i) => ({
    at: i,
    name,
    spelt: rows.spelt[i],
    kind: (kinds[rows.kind[i]] || {}).id,
    lat: lat[i],
    lon: lon[i],
    x: worldX(lon[i]),
    y: worldY(lat[i]),
    counted: rows.counted[i] === "1",
    inReach: rows.in_reach[i],
    unit: rows.unit[i] < 0 ? null : units[rows.unit[i]].id,
    area: texts[rows.area[i]],
    status: texts[rows.status[i]],
    ledger: texts[rows.ledger[i]],
  }));
  const ground = Object.fromEntries(Object.entries(pack.ground).map(([name, packed]) => [name, name === "streets" ? null : shapesOf(packed)]));
  ground.streets = Object.fromEntries(Object.entries(pack.ground.streets).map(([name, packed]) => [name, shapesOf(packed)]));
  return { ...pack, units, facilities, dwellings: dwellingsOf(pack), verdicts: pack.verdicts, found: verdictsOf(pack), ground, shapes: shapesOf(pack.shapes) };
}

function unitsOf({ units: rows, tiers }) {
  const [lat, lon] = [degreesOf(rows.lat), degreesOf(rows.lon)];
  return rows.id.map((id, i) => ({
    at: i,
    id,
    name: rows.name[i],
    spelt: rows.spelt[i],
    tier: (tiers[rows.tier[i]] || {}).id,
    parent: rows.parent[i] < 0 ? null : rows.id[rows.parent[i]],
    households: rows.households[i],
    x: worldX(lon[i]),
    y: worldY(lat[i]),
  }));
}

// By rule, what was found for each unit; made when a rule is first looked at, null where it does not hold.
function verdictsOf({ verdicts_of: packed, texts }) {
  const made = {};
  return (rule) => {
    if (!packed[rule]) return [];
    if (made[rule]) return made[rule];
    const { letters, ...columns } = packed[rule];
    let next = 0;
    made[rule] = Array.from(letters, (letter) => {
      if (!LETTERS[letter]) return null;
      const found = { verdict: LETTERS[letter], at: next };
      for (const name in columns) found[name] = texts[columns[name][next]];
      next += 1;
      return found;
    });
    return made[rule];
  };
}

function dwellingsOf({ dwellings: rows, texts }) {
  const x = Float64Array.from(degreesOf(rows.lon), worldX);
  const y = Float64Array.from(degreesOf(rows.lat), worldY);
  return { n: x.length, x, y, households: rows.households, name: (i) => texts[rows.name[i]], unit: summed(rows.unit), walks: rows.walks };
}
