/** The SDK for React: a call as a hook, functions of components for the model. */
export { useVoiceCall, useVoiceConfirmations, useVoiceLevels, useVoiceTool, VoiceCallProvider } from './hooks.js';
export type { VoiceCall } from './hooks.js';
export type { VoiceCallSnapshot } from './snapshot.js';
export type { VoiceCallOptions } from './store.js';
