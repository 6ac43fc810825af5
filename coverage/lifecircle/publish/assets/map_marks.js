// Colours and marks. A verdict is never shown by colour alone: each has its own sign, fill and outline.

const INK = "#2b3640";

// `opacity` of the fill where a band stands inside the border; `plain` where units are too small for one, and only lightness
// and hatch tell them apart.
const VERDICTS = {
  met: { color: "#1b7f79", fill: "#1b7f79", opacity: 0.26, plain: 0.3, band: { width: 1.6, opacity: 0.75 } },
  unmet: { color: "#d1495b", fill: "#d1495b", opacity: 0.3, plain: 0.85, band: { width: 3.4, opacity: 1 } },
  unknown: { color: "#6b7279", fill: "hatch", opacity: 1, plain: 1, band: { width: 1.4, opacity: 0.8 } },
  not_applicable: { color: "#7d848b", fill: "#e5e7eb", opacity: 0.75, plain: 0.9, band: { width: 2, opacity: 0.9, dash: [0.1, 4.5] } },
  reference: { color: "#766b99", fill: "#8b80ad", opacity: 0.26, plain: 0.4, band: { width: 1, opacity: 0.9 } },
};

const VERDICT_ORDER = ["met", "unmet", "unknown", "not_applicable", "reference"];

const SIGNS = {
  met: '<path d="M4.6 8.4l2.3 2.4 4.6-5.2"/>',
  unmet: '<path d="M5.2 5.2l5.6 5.6M10.8 5.2l-5.6 5.6"/>',
  unknown: '<path d="M5.9 6.3c.1-1.3 1-2 2.1-2s2.1.7 2.1 1.9c0 1.6-2.1 1.6-2.1 3.2"/><path d="M8 11.7v.1"/>',
  not_applicable: '<path d="M4.8 8h6.4"/>',
  reference: '<path d="M8 4.6a3.4 3.4 0 1 0 .01 0z"/>',
};

// Outlines of the facility symbols in a box of 20, told apart by shape before colour.
const SHAPES = [
  "M1.4 10a8.6 8.6 0 1 0 17.2 0a8.6 8.6 0 1 0-17.2 0z",
  "M4.5 1.9h11a2.6 2.6 0 0 1 2.6 2.6v11a2.6 2.6 0 0 1-2.6 2.6h-11a2.6 2.6 0 0 1-2.6-2.6v-11a2.6 2.6 0 0 1 2.6-2.6z",
  "M10 .8l9.2 9.2-9.2 9.2L.8 10z",
  "M5.6 1.7h8.8l4.4 8.3-4.4 8.3H5.6L1.2 10z",
  "M10 1.2l8.8 7-3.4 10.2H4.6L1.2 8.2z",
  "M10 1c3 1.5 5.6 1.9 8 1.9v6.3c0 5-3.5 8-8 9.9-4.5-1.9-8-4.9-8-9.9V2.9C4.4 2.9 7 2.5 10 1z",
  "M6.4 1.4h7.2l5 5v7.2l-5 5H6.4l-5-5V6.4z",
];

// A round badge with the verdict's sign, white on the verdict's colour.
function verdictBadge(id, size) {
  const { color } = VERDICTS[id] || VERDICTS.unknown;
  return (
    `<svg width="${size}" height="${size}" viewBox="0 0 16 16"><circle cx="8" cy="8" r="7.4" fill="${color}"/>` +
    '<g fill="none" stroke="#fff" stroke-width="1.7" stroke-linecap="round" stroke-linejoin="round">' +
    `${SIGNS[id] || SIGNS.unknown}</g></svg>`
  );
}

// The legend's sample of a unit: its fill, its outline.
function verdictSwatch(id) {
  const { color, fill, opacity, band } = VERDICTS[id] || VERDICTS.unknown;
  const dash = band.dash ? ` stroke-dasharray="${band.dash.join(" ")}" stroke-linecap="round"` : "";
  const hatch = fill === "hatch" ? '<path d="M2 10L10 2M4 16L18 2M12 16L26 2M20 16L28 8" stroke="#9aa0a6" stroke-width="1.7" stroke-opacity=".8"/>' : "";
  return (
    '<svg width="30" height="18" viewBox="0 0 30 18"><rect x="1.7" y="1.7" width="26.6" height="14.6" rx="1.5" fill="#f7f6f2"/>' +
    `${hatch}<rect x="1.7" y="1.7" width="26.6" height="14.6" rx="1.5" fill="${hatch ? "none" : fill}" fill-opacity="${opacity}"` +
    ` stroke="${color}" stroke-width="${Math.min(band.width, 2.4)}"${dash}/></svg>`
  );
}

function dotSwatch(letter) {
  const { fill, line, width, square } = DOTS[letter];
  const stroke = line ? ` stroke="${line}" stroke-width="${width}"` : "";
  const shape = square
    ? `<rect x="10.8" y="4.8" width="8.4" height="8.4" fill="${fill}"${stroke}/>`
    : `<circle cx="15" cy="9" r="${letter === "n" ? 4.6 : 4.2}" fill="${fill}"${stroke}/>`;
  return `<svg width="30" height="18" viewBox="0 0 30 18">${shape}</svg>`;
}

// How a kind is drawn: its outline's number, its colour, and the character inside.
function symbolLook(app, kindId) {
  const index = Math.max(0, app.data.kinds.findIndex((kind) => kind.id === kindId));
  const text = (app.data.kinds[index] || { mark: "" }).mark || "";
  return { index, color: kindId === app.state.kind ? "#1d4e79" : "#66727e", text };
}

// A facility's symbol for legend and lists: filled when it counts, hollow and dashed when it does not.
function facilitySymbol(app, kindId, counts, size) {
  const { index, color, text } = symbolLook(app, kindId);
  const paint = counts
    ? `fill="${color}" stroke="#fff" stroke-width="1.3"`
    : `fill="#fff" stroke="${color}" stroke-width="1.5" stroke-dasharray="2.6 1.7"`;
  const letter =
    `<text x="10" y="13.5" text-anchor="middle" font-size="9.6" font-weight="600" fill="${counts ? "#fff" : color}">` +
    `${escapeText(text)}</text>`;
  return `<svg width="${size}" height="${size}" viewBox="0 0 20 20" overflow="visible"><path d="${SHAPES[index % SHAPES.length]}" stroke-linejoin="round" ${paint}/>${letter}</svg>`;
}

// The hatch that fills an unknown unit, made once.
let hatch = null;

function hatchOf(context) {
  if (hatch) return hatch;
  const tile = document.createElement("canvas");
  tile.width = tile.height = 10;
  const pen = tile.getContext("2d");
  pen.fillStyle = "rgba(154,160,166,.16)";
  pen.fillRect(0, 0, 10, 10);
  Object.assign(pen, { strokeStyle: "rgba(140,146,152,.75)", lineWidth: 1.9 });
  pen.beginPath();
  for (const shift of [-10, 0, 10]) (pen.moveTo(shift - 2, 12), pen.lineTo(shift + 12, -2));
  pen.stroke();
  return (hatch = context.createPattern(tile, "repeat"));
}
