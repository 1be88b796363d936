import type { Call } from '../sdk/call.js';
import type { AudioState, CallEvents, CallState, ModelInfo, Note, RoleInfo, Shown, ToolActivity, TranscriptItem } from '../sdk/types.js';

/** The call at one moment; a new object after each change, and the same one between two. */
export interface VoiceCallSnapshot {
  state: CallState;
  /** The whole transcript in the order of the conversation. */
  transcript: readonly TranscriptItem[];
  shown: readonly Shown[];
  notes: readonly Note[];
  /** Function calls of the model, wherever they run. */
  activities: readonly ToolActivity[];
  audio: Readonly<AudioState>;
  role: RoleInfo | undefined;
  model: ModelInfo | undefined;
  /** When the conversation began, Unix milliseconds. */
  startedAt: number | undefined;
  /** Words of the role while an answer takes long. */
  waiting: string | null;
  /** A budget of money or time comes to its end. */
  notice: CallEvents['notice'] | undefined;
  /** The summary after the call, as markdown. Sanitise it before you render it. */
  recap: string | undefined;
  /** Why the call is over. */
  endReason: string | undefined;
  /** The last thing that failed; the call may go on. */
  error: CallEvents['error'] | undefined;
}

const silent: Readonly<AudioState> = {
  microphone: 'off',
  muted: false,
  pushToTalk: false,
  talking: false,
  silenced: false,
  blocked: false,
};

/** Before the first call, and on a server. */
export const idle: VoiceCallSnapshot = {
  state: 'idle',
  transcript: [],
  shown: [],
  notes: [],
  activities: [],
  audio: silent,
  role: undefined,
  model: undefined,
  startedAt: undefined,
  waiting: null,
  notice: undefined,
  recap: undefined,
  endReason: undefined,
  error: undefined,
};

/** The part of a snapshot that is read from the call itself; the rest comes with events. Arrays are copies, so that a change is another array. */
export function read(
  call: Call,
): Pick<VoiceCallSnapshot, 'state' | 'transcript' | 'shown' | 'notes' | 'activities' | 'audio' | 'role' | 'model' | 'startedAt'> {
  return {
    state: call.state,
    transcript: [...call.transcript],
    shown: call.shown,
    notes: call.notes,
    activities: call.activities,
    audio: { ...call.audio },
    role: call.role,
    model: call.model,
    startedAt: call.startedAt,
  };
}
