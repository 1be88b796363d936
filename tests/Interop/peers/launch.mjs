// A headless Chromium or Firefox with a microphone that is made up, and a profile of its own.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import puppeteer from "puppeteer-core";

/** Runs `use(page)` in a browser ("chrome" or "firefox") and closes it. */
export async function withPage(which, executable, use) {
  const profile = mkdtempSync(join(tmpdir(), "bridge-interop-"));
  const options =
    which === "firefox"
      ? {
          browser: "firefox",
          executablePath: executable ?? "/usr/bin/firefox-esr",
          extraPrefsFirefox: { "media.navigator.streams.fake": true, "media.navigator.permission.disabled": true, "media.autoplay.default": 0 },
        }
      : {
          browser: "chrome",
          executablePath: executable ?? "/usr/bin/chromium",
          args: [
            "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update",
            "--disable-sync", "--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream", "--autoplay-policy=no-user-gesture-required",
          ],
        };
  const browser = await puppeteer.launch({ ...options, headless: true, userDataDir: profile, timeout: 120000 });
  try {
    return await use(await browser.newPage());
  } finally {
    await browser.close();
    rmSync(profile, { recursive: true, force: true });
  }
}
