// Takes the pictures of docs/images from a running Bridge with the rehearsal model; scripts/screenshots.sh starts one for it. By hand:
//   BRIDGE_URL=http://localhost:5080 BRIDGE_OPERATOR_KEY="$(cat data/operator.key)" node scripts/screenshots.mjs [folder]
// ONLY=operator takes those of the operator's page alone.
import { mkdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';

const base = process.env.BRIDGE_URL ?? 'http://localhost:5080';
const folder = process.argv[2] ?? fileURLToPath(new URL('../../../docs/images/', import.meta.url));
mkdirSync(folder, { recursive: true });

// A microphone in a quiet room: Chromium's own fake device beeps, and the model would take that for speech.
const quiet = join(tmpdir(), 'bridge-quiet.wav');
const header = Buffer.alloc(44 + 48_000);
header.write('RIFF', 0);
header.writeUInt32LE(header.length - 8, 4);
header.write('WAVEfmt ', 8);
header.writeUInt32LE(16, 16);
header.writeUInt16LE(1, 20);
header.writeUInt16LE(1, 22);
header.writeUInt32LE(24_000, 24);
header.writeUInt32LE(48_000, 28);
header.writeUInt16LE(2, 32);
header.writeUInt16LE(16, 34);
header.write('data', 36);
header.writeUInt32LE(48_000, 40);
writeFileSync(quiet, header);

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: [
    '--no-sandbox',
    '--disable-gpu',
    '--use-fake-ui-for-media-stream',
    '--use-fake-device-for-media-stream',
    `--use-file-for-fake-audio-capture=${quiet}`,
    '--autoplay-policy=no-user-gesture-required',
  ],
});

const wide = { viewport: { width: 1280, height: 800 }, deviceScaleFactor: 1 };
const phone = { viewport: { width: 390, height: 844 }, deviceScaleFactor: 1, isMobile: true, hasTouch: true };

/** The operator's page is cut below what it shows. */
async function filled(page) {
  const bottom = await page.evaluate(() =>
    location.pathname.endsWith('/operator')
      ? Math.max(...[...document.querySelectorAll('main > *')].map(e => e.getBoundingClientRect().bottom + 24))
      : Infinity,
  );
  const { width, height } = page.viewportSize();
  return bottom < height ? { clip: { x: 0, y: 0, width, height: Math.ceil(bottom) } } : {};
}

/** One person's browser, and what it does. */
async function scene(options, work) {
  const context = await browser.newContext({ permissions: ['microphone'], ...options });
  const page = await context.newPage();
  await page.addInitScript(() => {
    // Connecting takes too little time for a picture: the server's answer is kept while __holdAnswer.
    const answered = RTCPeerConnection.prototype.setRemoteDescription;
    RTCPeerConnection.prototype.setRemoteDescription = async function (...a) {
      while (window.__holdAnswer) await new Promise(done => setTimeout(done, 20));
      return answered.apply(this, a);
    };
    const create = RTCPeerConnection.prototype.createDataChannel;
    RTCPeerConnection.prototype.createDataChannel = function (...a) {
      const channel = (window.__channel = create.apply(this, a));
      // The rehearsal model thinks too fast for a picture: what comes after the word is kept until __release().
      const kept = [];
      let holds = false;
      channel.addEventListener('message', event => {
        if (holds) {
          event.stopImmediatePropagation();
          kept.push(event.data);
        }
        holds ||= !!window.__holdThinking && String(event.data).includes('"state":"thinking"');
      });
      window.__release = () => {
        window.__holdThinking = holds = false;
        for (const data of kept.splice(0)) channel.dispatchEvent(new MessageEvent('message', { data }));
      };
      return channel;
    };
  });
  const by = id => page.getByTestId(id);
  const shot = async (name, wait = 700) => {
    await page.mouse.move(0, 0);
    await page.waitForTimeout(wait);
    await page.screenshot({ path: join(folder, `${name}.png`), ...(await filled(page)) });
    console.log(name);
  };
  const state = async (wanted, patience = 30_000) => {
    for (const end = Date.now() + patience; Date.now() < end; await page.waitForTimeout(15))
      if ((await by('state').getAttribute('data-state')) === wanted) return;
    throw new Error(`The state never was ${wanted}.`);
  };
  const write = async text => {
    await by('text-input').fill(text);
    await by('text-input').press('Enter');
  };
  const sees = (id, text) => by(id).getByText(text, { exact: false }).first().waitFor({ timeout: 30_000 });
  try {
    await work({ page, context, by, shot, state, write, sees });
  } finally {
    await context.close();
  }
}

async function call({ page, by, shot: take, state, write, sees, context }, tag, only) {
  const shot = (name, wait) => (!only || only.includes(name) ? take(`${name}${tag}`, wait) : page.waitForTimeout(wait ?? 0));
  await page.goto(`${base}/call/demo`);
  await by('start').waitFor();
  await shot('call-idle');
  await page.evaluate(() => (window.__holdAnswer = true));
  await by('start').click();
  await state('connecting');
  await shot('call-connecting');
  await page.evaluate(() => (window.__holdAnswer = false));
  await state('speaking');
  await state('listening');
  await shot('call-listening');
  await page.evaluate(() => (window.__holdThinking = true));
  await write('How does it work?');
  await state('thinking');
  await shot('call-thinking');
  await page.evaluate(() => window.__release());
  await state('speaking');
  await sees('stage', 'end to end');
  await shot('call-speaking', 3_500);
  await by('interrupt').click();
  await state('listening');
  await shot('call-interrupted', 1_200);
  await context.setOffline(true);
  await page.evaluate(() => window.__channel.close());
  await state('reconnecting');
  await shot('call-reconnecting');
  await context.setOffline(false);
  await state('listening', 40_000);
  await by('hangup').click();
  await by('recap').waitFor({ timeout: 30_000 });
  await shot('recap');
}

/** The pictures of the operator's page that docs/operation.md shows, beside those of the running calls. */
const taken = ['calls', 'timeline', 'timeline-320', 'charts', 'charts-dark', 'charts-320', 'roles', 'health'].map(n => `operator-${n}`);

/** The operator's page: a call that runs, one that was interrupted, charts of what the store holds. */
async function operator() {
  const key = process.env.BRIDGE_OPERATOR_KEY ?? '';
  const signIn = async ({ page, by }, place) => {
    await page.goto(`${base}/operator#/${place}`);
    await by('sign-in').locator('input').fill(key);
    await by('sign-in').locator('button').click();
    await by('count').waitFor();
  };
  const talk = async ({ page, by, state, write, sees }) => {
    await page.goto(`${base}/call/demo`);
    await by('start').click();
    await state('speaking');
    await state('listening');
    await write('How does it work?');
    await sees('stage', 'end to end');
    await state('speaking');
  };
  let ended = '';
  await scene(wide, async caller => {
    await talk(caller);
    await caller.page.waitForTimeout(2_500);
    await caller.by('interrupt').click();
    await caller.state('listening');
    await caller.write('What is a role?');
    await caller.state('speaking');
    await caller.state('listening');
    await caller.by('hangup').click();
    await caller.by('recap').waitFor({ timeout: 30_000 });
  });
  await scene(wide, async first => {
    await talk(first);
    await scene(wide, async second => {
      await second.page.goto(`${base}/call/cooking-guide`);
      await second.by('start').click();
      await second.state('speaking');
      for (const [tag, options] of [
        ['', wide],
        ['-dark', { ...wide, colorScheme: 'dark' }],
        ['-320', { viewport: { width: 320, height: 900 }, deviceScaleFactor: 2 }],
      ]) {
        await scene(options, async watcher => {
          await signIn(watcher, 'live');
          await watcher.shot(`operator-live${tag}`, 1_500);
        });
      }
    });
  });
  for (const [tag, options] of [
    ['', { ...wide, viewport: { width: 1280, height: 940 } }],
    ['-dark', { ...wide, colorScheme: 'dark' }],
    ['-320', { viewport: { width: 320, height: 900 }, deviceScaleFactor: 2 }],
  ]) {
    await scene(options, async watcher => {
      const { page, by } = watcher;
      const shot = name => (taken.includes(`${name}${tag}`) ? watcher.shot(`${name}${tag}`) : undefined);
      await signIn(watcher, 'calls');
      await by('calls').locator('a').first().waitFor();
      if (tag === '') await page.setViewportSize({ width: 1280, height: 700 });
      await shot('operator-calls');
      await page.setViewportSize(options.viewport);
      await by('search').fill('how does it work');
      await by('find').click();
      ended ||= await by('calls').locator('li').last().getAttribute('data-call');
      await page.goto(`${base}/operator#/call/${ended}`);
      await by('story').waitFor();
      await page
        .locator('details')
        .first()
        .evaluate(d => (d.open = true));
      // The toast with the number of calls found is gone by then.
      await page.locator('[data-testid=told]:empty').waitFor({ state: 'attached' });
      await shot('operator-timeline');
      await page.goto(`${base}/operator#/charts`);
      await page.getByRole('button', { name: '30' }).click();
      await page.locator('.plot canvas').first().waitFor();
      await shot('operator-charts');
      await page.goto(`${base}/operator#/roles`);
      await by('roles').waitFor();
      await shot('operator-roles');
      await page.goto(`${base}/operator#/health`);
      await by('health').waitFor();
      await shot('operator-health');
    });
  }
}

async function everything() {
  await scene(wide, async ({ page, by, shot }) => {
    await page.goto(base);
    await by('role-card').first().waitFor();
    await shot('gallery');
  });
  await scene({ ...wide, colorScheme: 'dark' }, async ({ page, by, shot }) => {
    await page.goto(base);
    await by('role-card').first().waitFor();
    await shot('gallery-dark');
  });
  await scene(wide, async ({ page, by, shot }) => {
    let answer = { status: 503 };
    await page.route('**/api/roles', route => route.fulfill(answer));
    await page.goto(base);
    await page.getByRole('alert').waitFor();
    await shot('gallery-unreachable');
    const errors = [
      { file: 'role.yaml', line: 2, column: 1, message: 'The key "voise" is not known here; did you mean "voice"?' },
      { file: 'agent.instruct', line: 7, column: 14, message: 'There is no variable "recipes" here.' },
    ];
    const role = {
      slug: 'hotel-desk',
      name: 'Hotel desk',
      emoji: '🛎',
      description: 'Checks you in.',
      language: 'en',
      tools: ['book_room'],
    };
    answer = {
      json: {
        model: { kind: 'rehearsal', name: 'rehearsal' },
        roles: [
          { ...role, errors },
          { ...role, slug: 'bakery', name: 'Bakery', emoji: '🥐', description: 'Sells bread.', tools: [] },
        ],
      },
    };
    await page.reload();
    await by('role-errors').waitFor();
    await shot('gallery-errors');
    answer = { json: { ...answer.json, roles: [] } };
    await page.reload();
    await page.locator('.blank').waitFor();
    await shot('gallery-empty');
  });
  await scene({ ...wide, permissions: [] }, async ({ page, by, shot, state }) => {
    await page.addInitScript(() => (navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('', 'NotAllowedError'))));
    await page.goto(`${base}/call/demo`);
    await by('start').click();
    await state('speaking');
    await shot('call-no-microphone', 2_000);
  });
  await scene(wide, s => call(s, ''));
  await scene({ ...phone, colorScheme: 'dark' }, s => call(s, '-phone-dark', ['call-idle', 'call-speaking', 'recap']));
  await scene(wide, async ({ page, by, shot, state, write }) => {
    await page.goto(`${base}/call/demo`);
    await by('start').click();
    await state('speaking');
    await state('listening');
    await write('What is a role?');
    await state('speaking');
    // Shipped roles ask for no consent: the question is the page's own, as a server would ask it.
    const params = {
      callId: 'call_1.confirm',
      name: 'place_order',
      label: 'Places your order',
      arguments: { dish: 'Pad thai', quantity: 2, take_away: true },
    };
    await page.evaluate(
      data => window.__channel.dispatchEvent(new MessageEvent('message', { data })),
      JSON.stringify({ jsonrpc: '2.0', id: 'shot', method: 'tool/confirm', params }),
    );
    await by('consent').waitFor();
    await shot('call-consent');
    await by('consent-no').click();
    await page.locator('.top a').click();
    await by('leave').waitFor();
    await shot('call-leave');
    await by('leave-stay').click();
    // Away until the call is over (the host's GraceSeconds), then back.
    await page.goto('about:blank');
    await page.waitForTimeout(Number(process.env.GRACE_MS ?? 45_000));
    await page.goto(`${base}/call/demo`);
    await state('ended');
    await by('recap').waitFor({ timeout: 30_000 });
    await shot('call-over');
  });
  await scene({ viewport: { width: 640, height: 400 }, deviceScaleFactor: 2 }, async ({ page, by, shot, state, write }) => {
    await page.goto(`${base}/call/demo`);
    await by('start').waitFor();
    await shot('call-idle-zoom');
    await by('start').click();
    await state('speaking');
    await state('listening');
    await write('What is a role?');
    await state('speaking');
    await shot('call-zoom', 2_500);
  });
  await scene({ ...phone, locale: 'de-AT' }, async ({ page, by, shot, state }) => {
    await page.goto(`${base}/call/food-order`);
    await by('start').click();
    await state('speaking');
    await by('settings').click();
    await shot('call-sound-phone-german', 1_000);
  });
  await scene(wide, async ({ page, by, shot, state, write, sees }) => {
    await page.goto(`${base}/call/cooking-guide`);
    await by('start').click();
    await state('speaking');
    await state('listening');
    await write('I would like to make pancakes');
    await sees('stage', 'pancakes');
    await state('speaking');
    await shot('call-widget', 2_000);
    await page.getByTestId('inspect').click();
    await write('What is step two?');
    await page.waitForTimeout(9_000);
    await shot('inspector');
    await page.locator('.timeline').scrollIntoViewIfNeeded();
    await page.evaluate(() => (document.querySelector('.inspector').scrollTop = 1e6));
    await shot('inspector-timeline');
    await by('inspect-close').click();
    await by('hangup').click();
    await by('recap').waitFor({ timeout: 30_000 });
    await shot('recap-widget');
  });
  await scene(phone, async ({ page, by, shot, state, write, sees }) => {
    await page.goto(base);
    await by('role-card').first().waitFor();
    await shot('gallery-phone');
    await page.goto(`${base}/call/cooking-guide`);
    await by('start').click();
    await state('speaking');
    await state('listening');
    await write('I would like to make pancakes');
    await sees('stage', 'pancakes');
    await shot('call-phone', 2_500);
  });
}

if (process.env.ONLY !== 'operator') await everything();
if (process.env.BRIDGE_OPERATOR_KEY) await operator();
await browser.close();
