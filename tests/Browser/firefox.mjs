// The call of a person with Firefox: by click and by typing. Prints one line of JSON.
// usage: node firefox.mjs http://host:port role
import { withPage } from '../Interop/peers/launch.mjs';

const [base, role] = process.argv.slice(2);
await withPage('firefox', undefined, async page => {
  const errors = [];
  page.on('pageerror', error => errors.push(String(error)));
  await page.evaluateOnNewDocument(() => {
    const Native = window.RTCPeerConnection;
    window.__peers = [];
    window.RTCPeerConnection = class extends Native {
      constructor(...args) {
        super(...args);
        window.__peers.push(this);
      }
    };
  });
  const by = id => `[data-testid="${id}"]`;
  // Polled from here: the page's policy allows no evaluated strings inside it.
  const until = async (what, look, ...args) => {
    for (const end = Date.now() + 60_000; ; await new Promise(r => setTimeout(r, 100))) {
      const value = await page.evaluate(look, ...args);
      if (value) return value;
      if (Date.now() > end) throw new Error(`${what} never came; the page says: ${await page.evaluate(() => document.body.innerText)}`);
    }
  };
  const holds = (id, text) => until(`"${text}" in ${id}`, (s, t) => document.querySelector(s)?.textContent.toLowerCase().includes(t), by(id), text.toLowerCase());

  await page.goto(`${base}/call/${role}`, { timeout: 120_000 });
  await until('start', s => document.querySelector(s) !== null, by('start-text'));
  await page.click(by('start-text'));
  await holds('agent-transcript', 'voice of the bridge');
  const connected = await page.evaluate(() => window.__peers[0].connectionState);
  const energy = await until('sound', async () => {
    let energy = 0;
    (await window.__peers[0].getStats()).forEach(s => s.type === 'inbound-rtp' && (energy = s.totalAudioEnergy ?? 0));
    return energy > 0.0005 && energy;
  });
  await page.type(by('text-input'), 'What is a role?');
  await page.keyboard.press('Enter');
  await holds('user-transcript', 'What is a role?');
  await holds('stage', 'A role is a folder');

  await page.click(by('hangup'));
  await holds('state', 'ended');
  await holds('recap', 'The Bridge, in short');

  // The same with the microphone, which is Firefox's own tone here.
  await page.click(by('start'));
  const sent = await until('the microphone', async () => {
    let sent = 0;
    for (const pc of window.__peers) if (pc.connectionState === 'connected') (await pc.getStats()).forEach(s => s.type === 'outbound-rtp' && (sent = s.packetsSent ?? 0));
    return sent > 50 && sent;
  });
  await page.click(by('hangup'));
  await holds('state', 'ended');
  console.log(JSON.stringify({ browser: await page.browser().version(), connected, energy, sent, errors }));
});
