// Two results side by side: two maps that move as one, under one legend with a count for each.

function makeTwin(app, data) {
  const container = app.map.getContainer();
  const place = el("div", { class: "folium-map lc-second", id: `${container.id}_beside` });
  container.after(place);
  document.body.classList.add("lc-beside");
  app.map.invalidateSize({ animate: false, pan: false });
  const { maxZoom, zoomSnap, zoomDelta, wheelPxPerZoomLevel } = app.map.options;
  const options = { maxZoom, zoomSnap, zoomDelta, wheelPxPerZoomLevel, zoomControl: false, attributionControl: false, fadeAnimation: false, zoomAnimation: false };
  const map = L.map(place, options).setView(app.map.getCenter(), app.map.getZoom(), { animate: false });
  app.map.options.zoomAnimation = false;
  const twin = { map, data, state: app.state, main: app, basemap: app.basemap, change: app.change, panes: app.panes };
  app.twin = twin;
  app.panes.push(twin);
  follow(app.map, map);
  follow(map, app.map);
  return twin;
}

// What one map does the other does, once: the one that follows does not lead.
let leading = null;

function follow(leader, follower) {
  const step = () => {
    if (leading && leading !== leader) return;
    leading = leader;
    const { zoomSnap } = follower.options;
    follower.options.zoomSnap = 0; // the leader's zoom, not the nearest step to it
    follower.setView(leader.getCenter(), leader.getZoom(), { animate: false });
    follower.options.zoomSnap = zoomSnap;
    leading = null;
  };
  let waiting = false;
  leader.on("move", () => {
    if (waiting || (leading && leading !== leader)) return;
    waiting = true;
    requestAnimationFrame(() => ((waiting = false), step()));
  });
  leader.on("moveend zoomend", step);
}

function nameTwins(app) {
  app.panes.forEach((pane) => {
    const container = pane.map.getContainer();
    container.querySelectorAll(".lc-pane-name").forEach((old) => old.remove());
    if (app.twin) container.append(el("p", { class: "lc-pane-name lc-card" }, say(app, pane.data.title)));
  });
}
