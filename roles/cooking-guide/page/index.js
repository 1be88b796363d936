// The cooking guide's widget: the recipe with its current step, kitchen timers, and the shopping list.

/** @param {object} api see docs/roles.md, "The page module" */
export default function setup(api) {
  const recipes = api.data?.recipes ?? [];
  const state = { recipe: null, servings: 0, step: 1, got: [], timers: [], list: [], ...(api.saved ?? {}) };
  let nextTimer = state.timers.reduce((highest, timer) => Math.max(highest, timer.id), 0) + 1;

  const root = node('section', { className: 'cooking', hidden: true, ariaLabel: 'Recipe' });
  const timers = node('div', { className: 'timers' });
  const recipeView = node('div');
  const listView = node('div');
  root.append(timers, recipeView, listView);
  api.stage.append(root);

  function keep() {
    root.hidden = !state.recipe && state.timers.length === 0 && state.list.length === 0;
    api.save?.(state);
  }

  const current = () => recipes.find(recipe => recipe.id === state.recipe);

  function showRecipe(recipe) {
    const factor = state.servings / recipe.servings;
    const title = node('h2', { textContent: recipe.title });
    const facts = node('p', { className: 'facts', textContent: `Serves ${state.servings} · ${recipe.minutes} minutes` });

    const ingredients = node('ul', { className: 'ingredients' });
    for (const ingredient of recipe.ingredients) {
      const box = node('input', { type: 'checkbox', checked: state.got.includes(ingredient.name) });
      box.addEventListener('change', () => {
        state.got = box.checked ? [...state.got, ingredient.name] : state.got.filter(name => name !== ingredient.name);
        keep();
      });
      const label = node('label');
      const amount = node('span', { className: 'amount', textContent: amountText(ingredient.amount * factor, ingredient.unit) });
      label.append(box, amount, node('span', { textContent: ingredient.name }));
      const item = node('li');
      item.append(label);
      ingredients.append(item);
    }

    const steps = node('ol', { className: 'steps' });
    recipe.steps.forEach((step, index) => {
      const item = node('li');
      item.dataset.step = String(index + 1);
      const button = node('button', { type: 'button' });
      button.append(node('span', { className: 'number', textContent: String(index + 1), ariaHidden: 'true' }), node('span', { textContent: step.text }));
      if (step.minutes) button.append(node('span', { className: 'minutes', textContent: `${step.minutes} min` }));
      button.addEventListener('click', () => {
        goTo(index + 1);
        api.sendText(`I am at step ${index + 1} now.`);
      });
      item.append(button);
      steps.append(item);
    });

    recipeView.replaceChildren(title, facts, heading('Ingredients'), ingredients, heading('Steps'), steps);
    mark(false);
  }

  function mark(scroll) {
    for (const item of recipeView.querySelectorAll('[data-step]')) {
      const number = Number(item.dataset.step);
      item.classList.toggle('done', number < state.step);
      if (number === state.step) {
        item.setAttribute('aria-current', 'step');
        if (scroll) item.scrollIntoView({ block: 'nearest', behavior: reducedMotion() ? 'auto' : 'smooth' });
      } else {
        item.removeAttribute('aria-current');
      }
    }
  }

  function goTo(step) {
    state.step = step;
    mark(true);
    keep();
  }

  function drawTimer(timer) {
    const view = node('div', { className: 'timer' });
    view.dataset.timer = String(timer.id);
    const clock = node('output', { className: 'clock' });
    clock.setAttribute('role', 'timer');
    clock.setAttribute('aria-label', timer.label);
    const bar = node('progress', { max: timer.length, value: 0 });
    bar.setAttribute('aria-hidden', 'true');
    const stop = node('button', { type: 'button', textContent: 'Stop', ariaLabel: `Stop the timer ${timer.label}` });
    view.append(node('span', { className: 'label', textContent: timer.label }), clock, stop, bar);
    timers.append(view);

    const remove = () => {
      clearInterval(ticking);
      state.timers = state.timers.filter(other => other.id !== timer.id);
      keep();
    };
    const tick = () => {
      const left = Math.max(0, timer.ends - Date.now());
      clock.textContent = clockText(left);
      bar.value = timer.length - left;
      if (left === 0) {
        remove();
        view.classList.add('over');
        stop.textContent = 'Done';
        stop.setAttribute('aria-label', `Dismiss the timer ${timer.label}`);
        api.notify(`The timer "${timer.label}" is up.`);
        api.sendText(`The timer "${timer.label}" is up.`);
      }
    };
    const ticking = setInterval(tick, 250);
    api.signal?.addEventListener('abort', () => clearInterval(ticking));
    stop.addEventListener('click', () => {
      remove();
      view.remove();
    });
    tick();
  }

  function drawList() {
    const items = node('ul', { className: 'shopping' });
    for (const name of state.list) {
      const drop = node('button', { type: 'button', textContent: '×', ariaLabel: `Take ${name} off the list` });
      drop.addEventListener('click', () => {
        state.list = state.list.filter(other => other !== name);
        drawList();
        keep();
      });
      const item = node('li');
      item.append(node('span', { textContent: name }), drop);
      items.append(item);
    }
    listView.replaceChildren(...(state.list.length > 0 ? [heading('Shopping list'), items] : []));
  }

  api.registerTool('show_recipe', {
    handler({ id, servings }) {
      const recipe = recipes.find(candidate => candidate.id === id);
      if (!recipe) throw new Error(`There is no recipe "${id}". There are: ${recipes.map(candidate => candidate.id).join(', ')}.`);
      Object.assign(state, { recipe: id, servings: servings ?? recipe.servings, step: 1, got: [] });
      showRecipe(recipe);
      keep();
      return { title: recipe.title, servings: state.servings, steps: recipe.steps.length, minutes: recipe.minutes };
    },
  });

  api.registerTool('go_to_step', {
    handler({ step }) {
      const recipe = current();
      if (!recipe) throw new Error('No recipe is on the screen yet. Show one first.');
      if (step < 1 || step > recipe.steps.length) throw new Error(`${recipe.title} has ${recipe.steps.length} steps; there is no step ${step}.`);
      goTo(step);
      const { text, minutes } = recipe.steps[step - 1];
      return { step, of: recipe.steps.length, text, ...(minutes ? { minutes } : {}) };
    },
  });

  api.registerTool('start_timer', {
    handler({ minutes, label }) {
      const timer = { id: nextTimer++, label, length: minutes * 60_000, ends: Date.now() + minutes * 60_000 };
      state.timers.push(timer);
      drawTimer(timer);
      keep();
      return { started: true, minutes, label };
    },
  });

  api.registerTool('add_to_shopping_list', {
    handler({ items }) {
      const known = new Set(state.list.map(name => name.toLowerCase()));
      state.list.push(...items.filter(name => !known.has(name.toLowerCase())));
      drawList();
      keep();
      return { list: state.list };
    },
  });

  if (current()) showRecipe(current());
  state.timers.forEach(drawTimer);
  drawList();
  keep();
}

function node(name, properties = {}) {
  return Object.assign(document.createElement(name), properties);
}

function heading(text) {
  return node('h3', { textContent: text });
}

function amountText(amount, unit) {
  const rounded = amount >= 20 ? Math.round(amount) : Math.round(amount * 10) / 10;
  return unit ? `${rounded} ${unit}` : String(rounded);
}

function clockText(milliseconds) {
  const seconds = Math.ceil(milliseconds / 1000);
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
}

function reducedMotion() {
  return matchMedia('(prefers-reduced-motion: reduce)').matches;
}
