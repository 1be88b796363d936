// The listener's widget: a circle to breathe with, and telephone numbers for an emergency.

const PHASES = [
  { name: 'in', text: 'Breathe in', seconds: 4 },
  { name: 'out', text: 'Breathe out', seconds: 6 },
];

/** @param {object} api see docs/roles.md, "The page module" */
export default function setup(api) {
  const help = api.data?.help ?? { lines: [], emergency: '' };
  const root = node('section', { className: 'listener', hidden: true, ariaLabel: 'Listener' });
  api.stage.append(root);

  api.registerTool('breathe', {
    async handler({ rounds }, ctx) {
      const stop = new AbortController();
      const signal = AbortSignal.any([ctx.signal, stop.signal, ...(api.signal ? [api.signal] : [])]);
      const circle = node('div', { className: 'circle', ariaHidden: 'true' });
      const text = node('p', { className: 'phase' });
      text.setAttribute('role', 'status');
      const count = node('p', { className: 'count' });
      const button = node('button', { type: 'button', textContent: 'Stop' });
      button.addEventListener('click', () => stop.abort());
      const view = node('div', { className: 'breath' });
      view.append(circle, text, count, button);
      root.querySelector('.breath')?.remove();
      root.append(view);
      root.hidden = false;

      let done = 0;
      try {
        for (; done < rounds; done++) {
          count.textContent = `${done + 1} of ${rounds}`;
          ctx.progress(`breath ${done + 1} of ${rounds}`);
          for (const phase of PHASES) {
            text.textContent = phase.text;
            circle.dataset.phase = phase.name;
            await pause(phase.seconds * 1000, signal);
          }
        }
      } catch (interrupted) {
        if (!signal.aborted) throw interrupted;
      } finally {
        view.remove();
        root.hidden = root.childElementCount === 0;
      }
      return { rounds: done, stopped: done < rounds };
    },
  });

  api.registerTool('show_help_lines', {
    handler() {
      const list = node('ul');
      for (const line of help.lines) {
        const entry = node('li');
        const number = node('a', { textContent: line.number, href: `tel:${line.number.replaceAll(' ', '')}` });
        const who = node('span');
        who.append(node('strong', { textContent: line.country }), node('span', { className: 'name', textContent: `${line.name}${line.hours ? `, ${line.hours}` : ''}` }));
        entry.append(who, number);
        list.append(entry);
      }
      const view = node('div', { className: 'help' });
      view.setAttribute('role', 'region');
      view.setAttribute('aria-label', 'People you can call now');
      view.append(node('h2', { textContent: 'People you can call now' }), list, node('p', { textContent: `In immediate danger: ${help.emergency}.` }));
      root.querySelector('.help')?.remove();
      root.prepend(view);
      root.hidden = false;
      api.notify('Telephone numbers of people you can call now are on the screen.');
      return { shown: help.lines.map(line => `${line.country}: ${line.number}`) };
    },
  });
}

function pause(milliseconds, signal) {
  return new Promise((resolve, reject) => {
    signal.throwIfAborted();
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', abort);
      resolve();
    }, milliseconds);
    function abort() {
      clearTimeout(timer);
      reject(signal.reason);
    }
    signal.addEventListener('abort', abort, { once: true });
  });
}

function node(name, properties = {}) {
  return Object.assign(document.createElement(name), properties);
}
