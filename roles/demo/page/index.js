// The demo's widget: the way of the caller's voice, with the station that is being talked about lit up.

/** @param {object} api see docs/roles.md, "The page module" */
export default function setup(api) {
  const stations = api.data?.path ?? [];
  const list = node('ol');
  const root = node('section', { className: 'path', hidden: true, ariaLabel: 'The way of your voice' });
  root.append(list);
  api.stage.append(root);
  for (const station of stations) {
    const item = node('li');
    item.dataset.station = station.id;
    item.append(node('strong', { textContent: station.name }), node('span', { textContent: station.text }));
    list.append(item);
  }

  function light(id) {
    for (const item of list.children) {
      if (item.dataset.station === id) item.setAttribute('aria-current', 'step');
      else item.removeAttribute('aria-current');
    }
    root.hidden = false;
  }

  api.registerTool('show_path', {
    handler({ station }) {
      if (!stations.some(s => s.id === station)) {
        throw new Error(`There is no station ${station}; there are ${stations.map(s => s.id).join(', ')}.`);
      }
      light(station);
      api.save({ station });
      return { lit: station };
    },
  });

  if (api.saved?.station) light(api.saved.station);
}

function node(name, properties = {}) {
  return Object.assign(document.createElement(name), properties);
}
