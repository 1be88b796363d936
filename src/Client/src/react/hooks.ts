import { createContext, createElement, useContext, useEffect, useMemo, useRef, useState, useSyncExternalStore } from 'react';
import type { FunctionComponentElement, ProviderProps, ReactNode } from 'react';
import type { Call } from '../sdk/call.js';
import type { Confirmation } from '../sdk/confirmations.js';
import type { ToolContext, ToolDefinition } from '../sdk/types.js';
import { idle, type VoiceCallSnapshot } from './snapshot.js';
import { VoiceCallStore, type VoiceCallOptions } from './store.js';

/** A call as a component sees it. The functions are the same ones at every render. */
export interface VoiceCall extends VoiceCallSnapshot {
  /** Begins a call; call it from a click. Never rejects: what fails is `error`. */
  start(): Promise<void>;
  /** Ends the call; resolves when everything is released. */
  hangup(): Promise<void>;
  sendText(text: string): Promise<void>;
  mute(muted?: boolean): Promise<void>;
  /** Stops the agent's speech. */
  interrupt(): Promise<void>;
  /** Call it from a click when `audio.blocked` is true. */
  unlockAudio(): Promise<void>;
  /** The SDK's call, for everything else; undefined before the first one. */
  readonly call: Call | undefined;
  /** For `useVoiceTool` and the other hooks. */
  readonly store: VoiceCallStore;
}

const Context = createContext<VoiceCallStore | undefined>(undefined);

/**
 * Holds a call with a role for this component. Nothing is opened before `start()`, except the call of this tab that a reload cut off,
 * which goes on. The call ends when the component has been unmounted for a second. Options are read when a call begins.
 */
export function useVoiceCall(options: VoiceCallOptions): VoiceCall {
  const [store] = useState(() => new VoiceCallStore(options));
  const snapshot = useSyncExternalStore(store.subscribe, store.snapshot, () => idle);
  useEffect(() => {
    store.configure(options);
  });
  useEffect(() => store.mount(), [store]);
  return useMemo(() => {
    const { start, hangup, sendText, mute, interrupt, unlockAudio } = store;
    return { ...snapshot, start, hangup, sendText, mute, interrupt, unlockAudio, call: store.call, store };
  }, [snapshot, store]);
}

/** Gives a call to the components below, so that they can register functions without passing it down. */
export function VoiceCallProvider({
  call,
  children,
}: {
  call: VoiceCall;
  children?: ReactNode;
}): FunctionComponentElement<ProviderProps<VoiceCallStore | undefined>> {
  return createElement(Context.Provider, { value: call.store }, children);
}

/**
 * Registers a function that the model may call while this component is mounted. The handler is that of the last render; the model is
 * declared again only when the description or the parameters change.
 */
export function useVoiceTool<A = Record<string, unknown>>(name: string, tool: ToolDefinition<A>, call?: VoiceCall): void {
  const store = useStore(call);
  const latest = useRef(tool);
  useEffect(() => {
    latest.current = tool;
  });
  // Objects of equal content are the same to the model, whoever wrote them anew in a render.
  const declared = JSON.stringify([tool.description, tool.parameters, tool.idempotent]);
  useEffect(() => {
    const { description, parameters, idempotent } = latest.current;
    return store.registerTool(name, {
      ...(description === undefined ? {} : { description }),
      ...(parameters === undefined ? {} : { parameters }),
      ...(idempotent === undefined ? {} : { idempotent }),
      handler: (args: never, context: ToolContext) => latest.current.handler(args, context),
    });
  }, [store, name, declared]);
}

/** Function calls that wait for the person's word (`confirm: page` in the role). They are asked only while a component uses this. */
export function useVoiceConfirmations(call?: VoiceCall): readonly Confirmation[] {
  const store = useStore(call);
  return useSyncExternalStore(store.subscribeToQuestions, store.questions, store.questions);
}

/** Levels of microphone and agent, 0 to 1, 20 times a second: use it in a small component, which renders as often. */
export function useVoiceLevels(call?: VoiceCall): { input: number; output: number } {
  const store = useStore(call);
  const [levels, setLevels] = useState({ input: 0, output: 0 });
  useEffect(() => store.on('level', setLevels), [store]);
  return levels;
}

function useStore(call: VoiceCall | undefined): VoiceCallStore {
  const provided = useContext(Context);
  const store = call?.store ?? provided;
  if (!store) throw new Error('This hook needs a call: pass one, or put the component below a VoiceCallProvider.');
  return store;
}
