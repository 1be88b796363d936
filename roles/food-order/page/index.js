// The noodle bar's widget: the menu by part, the basket with its total, and the closed order.

const words = {
  en: { parts: 'Parts of the menu', basket: 'Basket', empty: 'Nothing in it yet.', dish: 'Dish', price: 'Price', total: 'Total', add: 'Add {0}', less: 'One {0} less', order: 'Order {0} for {1}', ready: 'Ready in {0} minutes.' },
  de: { parts: 'Teile der Karte', basket: 'Warenkorb', empty: 'Noch nichts darin.', dish: 'Gericht', price: 'Preis', total: 'Summe', add: '{0} hinzufügen', less: 'Einmal {0} weniger', order: 'Bestellung {0} für {1}', ready: 'Fertig in {0} Minuten.' },
  fr: { parts: 'Parties du menu', basket: 'Panier', empty: 'Encore rien dedans.', dish: 'Plat', price: 'Prix', total: 'Total', add: 'Ajouter {0}', less: 'Un {0} de moins', order: 'Commande {0} pour {1}', ready: 'Prêt dans {0} minutes.' },
};

/** @param {object} api see docs/roles.md, "The page module" */
export default function setup(api) {
  const menu = api.data?.menu ?? { categories: [], currency: 'EUR' };
  const items = new Map(menu.categories.flatMap(category => category.items).map(item => [item.id, item]));
  // Asked anew at each drawing: the person may choose another language in mid-call.
  const money = { format: amount => new Intl.NumberFormat(api.language || undefined, { style: 'currency', currency: menu.currency }).format(amount) };
  const word = (key, ...values) => (words[api.language] ?? words.en)[key].replace(/\{(\d)\}/g, (_, n) => values[n]);
  const state = { category: null, lines: [], order: null, ...(api.saved ?? {}) };

  const root = node('section', { className: 'food', ariaLabel: menu.restaurant });
  const tabs = node('div', { className: 'tabs' });
  tabs.setAttribute('role', 'group');
  const dishes = node('ul', { className: 'dishes' });
  const basket = node('div', { className: 'basket' });
  root.append(tabs, dishes, basket);
  api.stage.append(root);

  // Money is counted in cents: 0.1 + 0.2 must be 0.3 on a bill.
  const cents = line => Math.round(items.get(line.item).price * 100) * line.quantity;
  const total = () => state.lines.reduce((sum, line) => sum + cents(line), 0);

  function summary() {
    return {
      lines: state.lines.map(line => ({
        item: line.item, name: items.get(line.item).name, quantity: line.quantity, price: cents(line) / 100, ...(line.note ? { note: line.note } : {}),
      })),
      total: total() / 100,
      total_text: money.format(total() / 100),
      currency: menu.currency,
    };
  }

  function change(item, by, note) {
    if (state.order) throw new Error(`Order ${state.order.number} is closed already; a new order needs a new call.`);
    if (!items.has(item)) throw new Error(`There is no dish "${item}". There are: ${[...items.keys()].join(', ')}.`);
    const line = state.lines.find(candidate => candidate.item === item);
    if (by < 0 && !line) throw new Error(`${items.get(item).name} is not in the basket.`);
    if (line) line.quantity += by;
    else state.lines.push({ item, quantity: by });
    if (note) state.lines.find(candidate => candidate.item === item).note = note;
    state.lines = state.lines.filter(candidate => candidate.quantity > 0);
    draw();
    return summary();
  }

  function drawMenu() {
    tabs.setAttribute('aria-label', word('parts'));
    tabs.replaceChildren(...menu.categories.map(category => {
      const tab = node('button', { type: 'button', textContent: category.title });
      tab.setAttribute('aria-pressed', String(category.id === state.category));
      tab.addEventListener('click', () => {
        state.category = category.id;
        draw();
        tabs.querySelector('[aria-pressed="true"]').focus();
      });
      return tab;
    }));
    const category = menu.categories.find(candidate => candidate.id === state.category);
    dishes.hidden = !category;
    dishes.replaceChildren(...(category?.items ?? []).map(dish => {
      const add = node('button', { type: 'button', textContent: '+', ariaLabel: word('add', dish.name), disabled: Boolean(state.order) });
      add.addEventListener('click', () => {
        change(dish.id, 1);
        dishes.querySelector(`[data-dish="${CSS.escape(dish.id)}"] button`).focus();
        api.sendText(`I have put one ${dish.name} into the basket.`);
      });
      const name = node('div', { className: 'name' });
      name.append(node('strong', { textContent: dish.name }), ...dish.tags.map(tag => node('span', { className: 'tag', textContent: tag })));
      const text = node('div', { className: 'text' });
      text.append(name, node('p', { textContent: dish.text }));
      const entry = node('li');
      entry.dataset.dish = dish.id;
      entry.append(text, node('span', { className: 'price', textContent: money.format(dish.price) }), add);
      return entry;
    }));
  }

  function drawBasket() {
    if (state.lines.length === 0) {
      basket.replaceChildren(heading(word('basket')), node('p', { className: 'empty', textContent: word('empty') }));
      return;
    }
    const table = node('table');
    table.append(node('caption', { textContent: state.order ? word('order', state.order.number, state.order.name) : word('basket') }));
    const head = table.createTHead().insertRow();
    for (const text of [word('dish'), word('price'), '']) head.append(node('th', { textContent: text, scope: 'col' }));
    const body = table.createTBody();
    for (const line of state.lines) {
      const row = body.insertRow();
      row.dataset.item = line.item;
      const dish = row.insertCell();
      dish.append(node('span', { textContent: `${line.quantity} × ${items.get(line.item).name}` }));
      if (line.note) dish.append(node('span', { className: 'note', textContent: line.note }));
      row.insertCell().textContent = money.format(cents(line) / 100);
      const drop = node('button', { type: 'button', textContent: '−', ariaLabel: word('less', items.get(line.item).name), hidden: Boolean(state.order) });
      drop.addEventListener('click', () => {
        change(line.item, -1);
        api.sendText(`I have taken one ${items.get(line.item).name} out of the basket.`);
      });
      row.insertCell().append(drop);
    }
    const sum = table.createTFoot().insertRow();
    sum.append(node('th', { textContent: word('total'), scope: 'row' }));
    const amount = sum.insertCell();
    amount.className = 'total';
    amount.textContent = money.format(total() / 100);
    sum.insertCell();
    basket.replaceChildren(table);
    if (state.order) basket.append(node('p', { className: 'closed', textContent: word('ready', menu.minutes) }));
  }

  function draw() {
    drawMenu();
    drawBasket();
    root.classList.toggle('ordered', Boolean(state.order));
    api.save?.(state);
  }

  api.registerTool('show_menu', {
    handler({ category }) {
      const shown = menu.categories.find(candidate => candidate.id === category);
      if (!shown) throw new Error(`There is no part "${category}". There are: ${menu.categories.map(candidate => candidate.id).join(', ')}.`);
      state.category = category;
      draw();
      return { shown: shown.title, items: shown.items.map(item => item.name) };
    },
  });
  api.registerTool('add_to_basket', { handler: ({ item, quantity, note }) => change(item, quantity, note) });
  api.registerTool('remove_from_basket', {
    handler({ item, quantity }) {
      const line = state.lines.find(candidate => candidate.item === item);
      return change(item, -Math.min(quantity ?? Infinity, line?.quantity ?? 1));
    },
  });
  api.registerTool('check_out', {
    handler({ name }) {
      if (state.order) throw new Error(`Order ${state.order.number} is closed already.`);
      if (state.lines.length === 0) throw new Error('The basket is empty.');
      state.order = { name, number: 100 + Math.floor(Math.random() * 900) };
      draw();
      return { complete: true, ...state.order, ...summary() };
    },
  });

  api.stage.addEventListener('languagechange', draw);
  draw();
}

function node(name, properties = {}) {
  return Object.assign(document.createElement(name), properties);
}

function heading(text) {
  return node('h3', { textContent: text });
}
