/** One script tag, one element: importing this module defines `<voice-bridge>`. The SDK comes along. */
export { VoiceBridge } from './voice-bridge.js';
export * from '../sdk/index.js';
