// @vitest-environment jsdom
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

/** The widgets of the shipped roles, each on a stage of its own with the api that a call gives it. */

const roles = join(import.meta.dirname, '../../../roles/');

type Handler = (args: Record<string, unknown>, context?: object) => unknown;

interface Widget {
  stage: HTMLElement;
  tools: Map<string, Handler>;
  said: string[];
  notified: string[];
  saved: unknown;
  call(name: string, args?: Record<string, unknown>, context?: object): unknown;
  click(label: string): void;
  speak(language: string): void;
  end(): void;
}

async function widget(role: string, data: object, saved?: unknown): Promise<Widget> {
  // As the browser gets it: the file's own text, bundled with nothing.
  const text = readFileSync(`${roles}${role}/page/index.js`).toString('base64');
  const module = (await import(/* @vite-ignore */ `data:text/javascript;base64,${text}`)) as { default: (api: object) => void };
  const stage = document.createElement('div');
  document.body.append(stage);
  const over = new AbortController();
  const it: Widget = {
    stage,
    tools: new Map(),
    said: [],
    notified: [],
    saved: undefined,
    call: (name, args = {}, context) => {
      const handler = it.tools.get(name);
      if (!handler) throw new Error(`${role} registers no ${name}`);
      return handler(args, context);
    },
    click: label => {
      const button = [...stage.querySelectorAll('button')].find(
        b => !b.hidden && ((b.getAttribute('aria-label') ?? b.ariaLabel) === label || b.textContent === label),
      );
      if (!button) throw new Error(`no button ${label} in ${stage.textContent}`);
      button.click();
    },
    speak: chosen => {
      language = chosen;
      stage.dispatchEvent(new Event('languagechange'));
    },
    end: () => over.abort(),
  };
  let language = 'en';
  module.default({
    stage,
    data,
    get language() {
      return language;
    },
    signal: over.signal,
    saved,
    save: (value: unknown) => void (it.saved = JSON.parse(JSON.stringify(value))),
    sendText: (text: string) => void it.said.push(text),
    notify: (text: string) => void it.notified.push(text),
    registerTool: (name: string, tool: { handler: Handler }) => void it.tools.set(name, tool.handler),
  });
  return it;
}

const texts = (stage: HTMLElement, selector: string): string[] =>
  [...stage.querySelectorAll(selector)].map(element => element.textContent ?? '');

beforeEach(() => {
  document.body.replaceChildren();
  Element.prototype.scrollIntoView = () => undefined;
  vi.stubGlobal('matchMedia', () => ({ matches: true }));
  vi.stubGlobal('CSS', { escape: (text: string) => text });
  vi.useFakeTimers({ now: 1_000_000 });
});

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

describe('the cooking guide', () => {
  const recipes = [
    {
      id: 'pancakes',
      title: 'Fluffy pancakes',
      servings: 2,
      minutes: 25,
      ingredients: [
        { amount: 150, unit: 'g', name: 'flour' },
        { amount: 1, name: 'egg' },
      ],
      steps: [{ text: 'Whisk.' }, { text: 'Rest.', minutes: 5 }, { text: 'Bake.' }],
    },
  ];

  it('shows a recipe for as many as eat and goes through its steps', async () => {
    const guide = await widget('cooking-guide', { recipes });
    expect(guide.stage.querySelector('section')?.hidden).toBe(true);
    expect(guide.call('show_recipe', { id: 'pancakes', servings: 4 })).toEqual({
      title: 'Fluffy pancakes',
      servings: 4,
      steps: 3,
      minutes: 25,
    });
    expect(texts(guide.stage, '.ingredients li')).toEqual(['300 gflour', '2egg']);
    expect(guide.call('go_to_step', { step: 2 })).toEqual({ step: 2, of: 3, text: 'Rest.', minutes: 5 });
    expect(texts(guide.stage, '[aria-current="step"]')).toEqual(['2Rest.5 min']);
    expect(texts(guide.stage, '.done')).toEqual(['1Whisk.']);
    guide.stage.querySelector<HTMLElement>('[data-step="3"] button')?.click();
    expect(guide.said).toEqual(['I am at step 3 now.']);
    expect(guide.stage.querySelector('[aria-current="step"]')?.getAttribute('data-step')).toBe('3');
  });

  it('says what is wrong in a sentence for the model', async () => {
    const guide = await widget('cooking-guide', { recipes });
    expect(() => guide.call('go_to_step', { step: 1 })).toThrow('No recipe is on the screen yet. Show one first.');
    expect(() => guide.call('show_recipe', { id: 'soup' })).toThrow('There is no recipe "soup". There are: pancakes.');
    guide.call('show_recipe', { id: 'pancakes' });
    expect(() => guide.call('go_to_step', { step: 4 })).toThrow('Fluffy pancakes has 3 steps; there is no step 4.');
  });

  it('runs timers side by side, rings once, and stops them with the call', async () => {
    const guide = await widget('cooking-guide', { recipes });
    guide.call('start_timer', { minutes: 1, label: 'rest' });
    guide.call('start_timer', { minutes: 2, label: 'bake' });
    guide.call('start_timer', { minutes: 3, label: 'never' });
    guide.click('Stop the timer never');
    vi.advanceTimersByTime(30_000);
    expect(texts(guide.stage, '.clock')).toEqual(['0:30', '1:30']);
    vi.advanceTimersByTime(60_000);
    expect(guide.said).toEqual(['The timer "rest" is up.']);
    expect(guide.notified).toEqual(guide.said);
    guide.click('Dismiss the timer rest');
    guide.end();
    vi.advanceTimersByTime(600_000);
    expect(guide.said).toHaveLength(1);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('keeps a shopping list without doubles', async () => {
    const guide = await widget('cooking-guide', { recipes });
    guide.call('add_to_shopping_list', { items: ['milk', 'eggs'] });
    expect(guide.call('add_to_shopping_list', { items: ['Milk', 'flour'] })).toEqual({ list: ['milk', 'eggs', 'flour'] });
    guide.click('Take eggs off the list');
    expect(texts(guide.stage, '.shopping li span')).toEqual(['milk', 'flour']);
  });

  it('is the same after a reload, timers with the time that is left', async () => {
    const before = await widget('cooking-guide', { recipes });
    before.call('show_recipe', { id: 'pancakes' });
    before.call('go_to_step', { step: 2 });
    before.call('start_timer', { minutes: 2, label: 'rest' });
    before.call('add_to_shopping_list', { items: ['milk'] });
    before.end();
    vi.advanceTimersByTime(60_000);
    const after = await widget('cooking-guide', { recipes }, before.saved);
    expect(texts(after.stage, '.clock')).toEqual(['1:00']);
    expect(texts(after.stage, '[aria-current="step"] button > span:nth-child(2)')).toEqual(['Rest.']);
    expect(texts(after.stage, '.shopping li span')).toEqual(['milk']);
    expect(after.call('start_timer', { minutes: 1, label: 'second' })).toMatchObject({ started: true });
    expect(after.stage.querySelectorAll('.timer')).toHaveLength(2);
  });
});

describe('food order', () => {
  const menu = {
    restaurant: 'The Slow Noodle',
    currency: 'EUR',
    minutes: 15,
    categories: [
      {
        id: 'noodles',
        title: 'Noodles',
        items: [{ id: 'pad-thai', name: 'Pad thai', price: 0.1, text: 'Rice noodles.', tags: ['vegetarian'] }],
      },
      { id: 'sides', title: 'Sides', items: [{ id: 'gyoza', name: 'Gyoza', price: 0.2, text: 'Dumplings.', tags: [] }] },
    ],
  };

  it('counts the basket in cents and tells the model the whole of it', async () => {
    const order = await widget('food-order', { menu });
    order.call('add_to_basket', { item: 'pad-thai', quantity: 1 });
    expect(order.call('add_to_basket', { item: 'gyoza', quantity: 1, note: 'no garlic' })).toEqual({
      lines: [
        { item: 'pad-thai', name: 'Pad thai', quantity: 1, price: 0.1 },
        { item: 'gyoza', name: 'Gyoza', quantity: 1, price: 0.2, note: 'no garlic' },
      ],
      total: 0.3,
      total_text: '€0.30',
      currency: 'EUR',
    });
    expect(texts(order.stage, '.total')).toEqual(['€0.30']);
    expect(texts(order.stage, '.note')).toEqual(['no garlic']);
    expect(order.call('remove_from_basket', { item: 'pad-thai' })).toMatchObject({ total: 0.2 });
    expect(() => order.call('remove_from_basket', { item: 'pad-thai' })).toThrow('Pad thai is not in the basket.');
    expect(() => order.call('add_to_basket', { item: 'pizza', quantity: 1 })).toThrow(
      'There is no dish "pizza". There are: pad-thai, gyoza.',
    );
  });

  it('lets the person order by hand and tells the model', async () => {
    const order = await widget('food-order', { menu });
    expect(order.call('show_menu', { category: 'sides' })).toEqual({ shown: 'Sides', items: ['Gyoza'] });
    order.click('Add Gyoza');
    order.click('Add Gyoza');
    order.click('One Gyoza less');
    expect(order.said).toEqual([
      'I have put one Gyoza into the basket.',
      'I have put one Gyoza into the basket.',
      'I have taken one Gyoza out of the basket.',
    ]);
    expect(texts(order.stage, 'tbody td:first-child span')).toEqual(['1 × Gyoza']);
  });

  it('closes an order once, also across a reload, and changes nothing afterwards', async () => {
    const order = await widget('food-order', { menu });
    expect(() => order.call('check_out', { name: 'Ada' })).toThrow('The basket is empty.');
    order.call('add_to_basket', { item: 'gyoza', quantity: 2 });
    expect(order.call('check_out', { name: 'Ada' })).toMatchObject({ complete: true, name: 'Ada', total: 0.4 });
    for (const open of [order, await widget('food-order', { menu }, order.saved)]) {
      expect(() => open.call('check_out', { name: 'Ada' })).toThrow(/^Order \d{3} is closed already\.$/);
      expect(() => open.call('add_to_basket', { item: 'gyoza', quantity: 1 })).toThrow('closed already; a new order needs a new call.');
      expect(texts(open.stage, '.total')).toEqual(['€0.40']);
      expect(texts(open.stage, '.closed')).toEqual(['Ready in 15 minutes.']);
    }
  });

  it('follows the language that the person chooses in mid-call', async () => {
    const order = await widget('food-order', { menu });
    order.call('add_to_basket', { item: 'gyoza', quantity: 2 });
    order.speak('de');
    expect(texts(order.stage, 'caption')).toEqual(['Warenkorb']);
    expect(texts(order.stage, '.total')).toEqual(['0,40\u00a0€']);
    order.click('Einmal Gyoza weniger');
    expect(texts(order.stage, '.total')).toEqual(['0,20\u00a0€']);
    order.speak('pl');
    expect(texts(order.stage, 'caption')).toEqual(['Basket']);
  });
});

describe('the demo', () => {
  const path = [
    { id: 'browser', name: 'Your browser', text: 'Here.' },
    { id: 'bridge', name: 'The Bridge', text: 'There.' },
  ];
  const lit = (stage: HTMLElement): string[] => texts(stage, '[aria-current] strong');

  it('lights up one station of the way at a time', async () => {
    const demo = await widget('demo', { path });
    expect(demo.stage.querySelector('section')?.hidden).toBe(true);
    expect(demo.call('show_path', { station: 'bridge' })).toEqual({ lit: 'bridge' });
    expect(demo.stage.querySelector('section')?.hidden).toBe(false);
    expect(lit(demo.stage)).toEqual(['The Bridge']);
    demo.call('show_path', { station: 'browser' });
    expect(lit(demo.stage)).toEqual(['Your browser']);
  });

  it('lights it again after a reload, and says which stations there are', async () => {
    const demo = await widget('demo', { path }, { station: 'bridge' });
    expect(lit(demo.stage)).toEqual(['The Bridge']);
    expect(() => demo.call('show_path', { station: 'moon' })).toThrow('There is no station moon; there are browser, bridge.');
  });
});

describe('the listener', () => {
  const help = { emergency: '112', lines: [{ country: 'France', name: 'Numéro', number: '31 14', hours: 'day and night' }] };

  it('shows whom one can call, by a link that a telephone understands', async () => {
    const listener = await widget('listener', { help });
    expect(listener.call('show_help_lines')).toEqual({ shown: ['France: 31 14'] });
    expect(listener.stage.querySelector('a')?.getAttribute('href')).toBe('tel:3114');
    expect(listener.stage.textContent).toContain('In immediate danger: 112.');
    expect(listener.notified).toHaveLength(1);
    listener.call('show_help_lines');
    expect(listener.stage.querySelectorAll('.help')).toHaveLength(1);
  });

  it('breathes in and out, tells its progress, and leaves the screen', async () => {
    const listener = await widget('listener', { help });
    const progress: string[] = [];
    const breathing = listener.call(
      'breathe',
      { rounds: 2 },
      { signal: new AbortController().signal, progress: (text: string) => void progress.push(text) },
    );
    expect(texts(listener.stage, '.phase')).toEqual(['Breathe in']);
    await vi.advanceTimersByTimeAsync(4_000);
    expect(texts(listener.stage, '.phase')).toEqual(['Breathe out']);
    await vi.advanceTimersByTimeAsync(16_000);
    expect(await breathing).toEqual({ rounds: 2, stopped: false });
    expect(progress).toEqual(['breath 1 of 2', 'breath 2 of 2']);
    expect(listener.stage.querySelector('section')?.hidden).toBe(true);
  });

  it('stops when the person, the model or the end of the call says so', async () => {
    for (const how of ['person', 'model', 'call']) {
      const listener = await widget('listener', { help });
      const cancel = new AbortController();
      const breathing = listener.call('breathe', { rounds: 3 }, { signal: cancel.signal, progress: () => undefined });
      await vi.advanceTimersByTimeAsync(10_000);
      if (how === 'person') listener.click('Stop');
      else if (how === 'model') cancel.abort();
      else listener.end();
      expect(await breathing).toEqual({ rounds: 1, stopped: true });
      expect(vi.getTimerCount()).toBe(0);
    }
  });
});

describe('the language tutor and the conversation partner', () => {
  const phrases = {
    topics: [
      {
        id: 'hello',
        title: 'Saying hello',
        phrases: [
          { id: 'bonjour', french: 'Bonjour', english: 'Hello', hint: 'nasal' },
          { id: 'salut', french: 'Salut', english: 'Hi' },
        ],
      },
      { id: 'cafe', title: 'In a café', phrases: [{ id: 'addition', french: "L'addition", english: 'The bill' }] },
    ],
  };

  it('shows topics and phrases, counts what is learnt, and remembers it', async () => {
    const tutor = await widget('language-tutor', { phrases });
    expect(tutor.call('show_topic', { topic: 'hello' })).toEqual({ title: 'Saying hello', phrases: ['bonjour', 'salut'] });
    expect(tutor.call('show_phrase', { phrase: 'addition' })).toEqual({ phrase: 'addition', french: "L'addition", english: 'The bill' });
    expect(texts(tutor.stage, 'h2')).toEqual(['In a café']);
    expect(tutor.call('mark_phrase', { phrase: 'addition', learnt: true })).toEqual({ phrase: 'addition', learnt: 1, of: 3 });
    expect(() => tutor.call('show_topic', { topic: 'mars' })).toThrow('There is no topic "mars". There are: hello, cafe.');
    expect(() => tutor.call('mark_phrase', { phrase: 'x', learnt: true })).toThrow('There is no phrase "x".');
    const after = await widget('language-tutor', { phrases }, tutor.saved);
    expect(texts(after.stage, '.progress')).toEqual(['1 of 3 phrases learnt']);
    expect(texts(after.stage, '.learnt .mark')).toEqual(['✓ learnt']);
  });

  it('tells the tutor which card the person chose', async () => {
    const tutor = await widget('language-tutor', { phrases });
    tutor.call('show_topic', { topic: 'hello' });
    tutor.stage.querySelector<HTMLElement>('[data-phrase="bonjour"] button')?.click();
    expect(tutor.said).toEqual(['Let us practise "Bonjour"']);
    expect(texts(tutor.stage, '[aria-current] .hint')).toEqual(['nasal']);
  });

  it('keeps corrections on the screen', async () => {
    const scene = { place: 'Le Petit Pont', menu: [{ name: 'un café', price: 2.2 }] };
    const partner = await widget('conversation-partner', { scene });
    expect(partner.stage.textContent).toContain('un café 2,20 €');
    expect(partner.call('note_correction', { said: 'je veux', better: 'je voudrais', why: 'politer' })).toEqual({ noted: 1 });
    const after = await widget('conversation-partner', { scene }, partner.saved);
    expect(texts(after.stage, 'li')).toEqual(['je veuxje voudraispoliter']);
  });
});

describe('every shipped widget', () => {
  const withPage = readdirSync(roles).filter(role => existsSync(`${roles}${role}/page/index.js`));

  it.each(withPage)('%s stands without its data', async role => {
    const shown = await widget(role, {});
    expect(shown.tools.size).toBeGreaterThan(0);
    expect(shown.stage.children).toHaveLength(1);
  });
});
