// Words of the map's own parts, and the few helpers that put texts on the page. Everything else is worded in the payload.

const WORDS = {
  legend: { zh: "图例", en: "Legend" },
  tier: { zh: "层级", en: "Tier" },
  rule: { zh: "条款", en: "Rule" },
  verdict: { zh: "判定", en: "Verdict" },
  units: { zh: "单元", en: "unit(s)" },
  reach: { zh: "步行可达", en: "Reach on foot" },
  kind: { zh: "设施类别", en: "Kind of facility" },
  households: { zh: "户", en: "households" },
  uncounted: { zh: "处户数未知", en: "without a count" },
  countUnknown: { zh: "户数未知", en: "household count unknown" },
  reached: { zh: "可达", en: "reached" },
  not_reached: { zh: "不可达", en: "not reached" },
  reach_unknown: { zh: "无法判定", en: "unknown" },
  dwelling: { zh: "居住点", en: "Dwelling" },
  minutes: { zh: "分钟", en: "min" },
  facilities: { zh: "设施", en: "Facilities" },
  notCounted: { zh: "空心:不计入", en: "hollow: does not count" },
  ground: { zh: "底图", en: "Ground" },
  streets: { zh: "街道与建筑", en: "streets and buildings" },
  names: { zh: "单元名称与数值", en: "unit names and figures" },
  water: { zh: "水面", en: "water" },
  green: { zh: "绿地", en: "green" },
  find: { zh: "查找单元、设施,可用拼音首字母", en: "Find a unit or facility" },
  found: { zh: "查找结果", en: "Found" },
  nothing: { zh: "没有找到", en: "nothing found" },
  district: { zh: "全区", en: "the district" },
  facility: { zh: "设施", en: "Facility" },
  places: { zh: "处", en: "dwellings" },
  together: { zh: "邻近居住点合计", en: "Dwellings here, together" },
  mode: { zh: "按什么着色", en: "Colour by" },
  byReach: { zh: "是否可达", en: "Reach" },
  byMinutes: { zh: "步行分钟", en: "Minutes" },
  walk: { zh: "步行者", en: "Walker" },
  circles: { zh: "片区界", en: "borders of circles" },
  tiles: { zh: "网络底图", en: "Basemap" },
  token: { zh: "天地图密钥", en: "Token of Tianditu" },
  tokenUse: { zh: "使用", en: "Use" },
  tokenKept: { zh: "只存在这台电脑的浏览器里", en: "kept in this browser only" },
  all: { zh: "全部", en: "all" },
  otherKinds: { zh: "其他类别", en: "other kinds" },
  inReach: { zh: "时限内走得到这里的", en: "Within the limit of here" },
  nearest: { zh: "可达本类设施、且直线距离以此处最近的", en: "Reach this kind, and have none nearer as the crow flies" },
  measure: { zh: "测量距离", en: "Measure a distance" },
  measureHow: { zh: "点击地图逐点测量,双击或 Esc 结束", en: "Click from point to point; double-click or Esc ends" },
  fullScreen: { zh: "全屏", en: "Full screen" },
  print: { zh: "打印", en: "Print" },
  tools: { zh: "工具", en: "Tools" },
  beside: { zh: "对照", en: "Beside" },
  tooOld: {
    zh: "此浏览器过旧,无法打开地图。请用 Chrome/Edge 86、Firefox 113、Safari 16.4 或更新的版本。",
    en: "This browser is too old for the map. Open it with Chrome or Edge 86, Firefox 113, Safari 16.4 or later.",
  },
  close: { zh: "关闭", en: "Close" },
  need: { zh: "要求", en: "needs" },
  bounds: { zh: "区间", en: "bounds" },
  dots: { zh: "单位:户;点的面积随户数", en: "in households; a dot's area goes with them" },
  also: { zh: "另", en: "+" },
  north: { zh: "北", en: "N" },
  zoomIn: { zh: "放大", en: "Zoom in" },
  zoomOut: { zh: "缩小", en: "Zoom out" },
  whole: { zh: "全图", en: "Whole map" },
  noFacility: { zh: "范围内没有设施", en: "no facility inside" },
  noRule: { zh: "此层级没有条款", en: "no rule for this tier" },
  dataDate: { zh: "数据日期", en: "Data as of" },
  map: { zh: "地图", en: "Map" },
  controls: { zh: "图例与图层", en: "Legend and layers" },
  reason: { zh: "判定依据", en: "Reasons" },
  other: { zh: "English", en: "中文" },
};

function say(app, text) {
  if (text === null || text === undefined) return "";
  return typeof text === "string" ? text : text[app.state.lang] || text.zh || text.en || "";
}

function word(app, key) {
  return WORDS[key][app.state.lang];
}

// 12345 as 12,345 whatever the browser's own language is.
function counted(number) {
  return String(number).replace(/\B(?=(\d{3})+$)/g, ",");
}

function escapeText(text) {
  return String(text).replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);
}

// A DOM element with attributes, listeners (`onclick`) and children (elements or texts; null is left out).
function el(tag, attributes, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes || {})) {
    if (value === null || value === undefined || value === false) continue;
    if (typeof value === "function") made.addEventListener(name.slice(2), value);
    else made.setAttribute(name, value === true ? "" : value);
  }
  for (const child of children.flat(Infinity)) {
    if (child !== null && child !== undefined && child !== "") made.append(child);
  }
  return made;
}

// A small drawing from our own text of SVG.
function drawing(markup, className) {
  const frame = el("span", { class: className || "lc-drawing", "aria-hidden": "true" });
  frame.innerHTML = markup;
  return frame;
}

function joined(parts, between) {
  return parts.filter((part) => part !== "" && part !== null && part !== undefined).join(between || " · ");
}
