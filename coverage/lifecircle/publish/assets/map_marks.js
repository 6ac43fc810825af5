// Colours and marks. A verdict is never shown by colour alone: each has its own sign, fill and outline.

const INK = "#2b3640";

const VERDICTS = {
  met: { color: "#1b7f79", fill: "#1b7f79", opacity: 0.26, band: { width: 1.6, opacity: 0.75 } },
  unmet: { color: "#d1495b", fill: "#d1495b", opacity: 0.3, band: { width: 3.4, opacity: 1 } },
  unknown: { color: "#6b7279", fill: "url(#lc-hatch)", opacity: 1, band: { width: 1.4, opacity: 0.8 } },
  not_applicable: { color: "#7d848b", fill: "#e5e7eb", opacity: 0.75, band: { width: 2, opacity: 0.9, dash: [0.1, 4.5] } },
  reference: { color: "#766b99", fill: "#8b80ad", opacity: 0.26, band: { width: 1, opacity: 0.9 } },
};

const VERDICT_ORDER = ["met", "unmet", "unknown", "not_applicable", "reference"];

const SIGNS = {
  met: '<path d="M4.6 8.4l2.3 2.4 4.6-5.2"/>',
  unmet: '<path d="M5.2 5.2l5.6 5.6M10.8 5.2l-5.6 5.6"/>',
  unknown: '<path d="M5.9 6.3c.1-1.3 1-2 2.1-2s2.1.7 2.1 1.9c0 1.6-2.1 1.6-2.1 3.2"/><path d="M8 11.7v.1"/>',
  not_applicable: '<path d="M4.8 8h6.4"/>',
  reference: '<path d="M8 4.6a3.4 3.4 0 1 0 .01 0z"/>',
};

const REACH = {
  r: { word: "reached", color: "#1b7f79" },
  n: { word: "not_reached", color: "#d1495b" },
  u: { word: "reach_unknown", color: "#6b7279" },
};

// Outlines of the facility symbols in a box of 20, told apart by shape before colour.
const SHAPES = [
  '<circle cx="10" cy="10" r="8.6"/>',
  '<rect x="1.9" y="1.9" width="16.2" height="16.2" rx="2.6"/>',
  '<path d="M10 .8l9.2 9.2-9.2 9.2L.8 10z" stroke-linejoin="round"/>',
  '<path d="M5.6 1.7h8.8l4.4 8.3-4.4 8.3H5.6L1.2 10z" stroke-linejoin="round"/>',
  '<path d="M10 1.2l8.8 7-3.4 10.2H4.6L1.2 8.2z" stroke-linejoin="round"/>',
  '<path d="M10 1c3 1.5 5.6 1.9 8 1.9v6.3c0 5-3.5 8-8 9.9-4.5-1.9-8-4.9-8-9.9V2.9C4.4 2.9 7 2.5 10 1z"/>',
  '<path d="M6.4 1.4h7.2l5 5v7.2l-5 5H6.4l-5-5V6.4z" stroke-linejoin="round"/>',
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
  return (
    '<svg width="30" height="18" viewBox="0 0 30 18"><rect x="1.7" y="1.7" width="26.6" height="14.6" rx="1.5" fill="#f7f6f2"/>' +
    `<rect x="1.7" y="1.7" width="26.6" height="14.6" rx="1.5" fill="${fill}" fill-opacity="${opacity}"` +
    ` stroke="${color}" stroke-width="${Math.min(band.width, 2.4)}"${dash}/></svg>`
  );
}

function reachSwatch(state) {
  const inner = {
    r: '<circle cx="15" cy="9" r="3.4" fill="#1b7f79" fill-opacity=".75"/>',
    n: '<circle cx="15" cy="9" r="4.6" fill="#fff" stroke="#d1495b" stroke-width="2.2"/>',
    u: '<rect x="10.8" y="4.8" width="8.4" height="8.4" fill="#fff" stroke="#6b7279" stroke-width="1.6"/>',
  };
  return `<svg width="30" height="18" viewBox="0 0 30 18">${inner[state]}</svg>`;
}

// A facility's symbol: shape by kind, its character inside; filled when it counts, hollow and dashed when it does not.
function facilitySymbol(app, kindId, counts, size) {
  const index = Math.max(0, app.data.kinds.findIndex((kind) => kind.id === kindId));
  const kind = app.data.kinds[index] || { mark: "" };
  const chosen = kindId === app.state.kind;
  const color = chosen ? "#1d4e79" : "#66727e";
  const paint = counts
    ? `fill="${color}" stroke="#fff" stroke-width="1.3"`
    : `fill="#fff" stroke="${color}" stroke-width="1.5" stroke-dasharray="2.6 1.7"`;
  const text =
    size < 15
      ? ""
      : `<text x="10" y="13.5" text-anchor="middle" font-size="9.6" font-weight="600" fill="${counts ? "#fff" : color}">` +
        `${escapeText(kind.mark)}</text>`;
  const shape = `<g ${paint}>${SHAPES[index % SHAPES.length]}</g>`;
  return `<svg width="${size}" height="${size}" viewBox="0 0 20 20" overflow="visible">${shape}${text}</svg>`;
}

// The hatch that fills an unknown unit, as a definition to put in the units' SVG.
const HATCH =
  '<pattern id="lc-hatch" width="7" height="7" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">' +
  '<rect width="7" height="7" fill="#9aa0a6" fill-opacity=".16"/>' +
  '<path d="M0 0v7" stroke="#9aa0a6" stroke-width="2.4" stroke-opacity=".7"/></pattern>';
