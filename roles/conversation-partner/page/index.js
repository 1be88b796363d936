// The partner's widget: corrections, kept on the screen while the conversation goes on.

/** @param {object} api see docs/roles.md, "The page module" */
export default function setup(api) {
  const scene = api.data?.scene;
  const state = { corrections: [], ...(api.saved ?? {}) };
  const root = node('section', { className: 'partner', ariaLabel: 'Corrections' });
  api.stage.append(root);

  function draw() {
    const list = node('ol');
    for (const correction of state.corrections) {
      const item = node('li');
      item.append(
        node('del', { textContent: correction.said, lang: 'fr' }),
        node('ins', { textContent: correction.better, lang: 'fr' }),
        ...(correction.why ? [node('span', { className: 'why', textContent: correction.why })] : []));
      list.append(item);
    }
    const menu = node('p', { className: 'menu', textContent: (scene?.menu ?? []).map(dish => `${dish.name} ${dish.price.toFixed(2).replace('.', ',')} €`).join(' · '), lang: 'fr' });
    root.replaceChildren(
      node('h2', { textContent: scene?.place ?? '', lang: 'fr' }), menu,
      ...(state.corrections.length > 0 ? [node('h3', { textContent: 'Say it better' }), list] : []));
    api.save?.(state);
  }

  api.registerTool('note_correction', {
    handler({ said, better, why }) {
      state.corrections.push({ said, better, why });
      draw();
      return { noted: state.corrections.length };
    },
  });

  draw();
}

function node(name, properties = {}) {
  return Object.assign(document.createElement(name), properties);
}
