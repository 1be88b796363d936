/** Browser SDK of the Bridge: a call with a role, without any UI. */
export { Call, connect } from './call.js';
export { warm } from './warm.js';
export { devices } from './microphone.js';
export type { Confirmation } from './confirmations.js';
export type { Share, ShareOptions } from './share.js';
export { RpcCode, RpcError } from './rpc.js';
export { BridgeError } from './types.js';
export type {
  AudioOptions,
  AudioState,
  CallEvents,
  CallMetrics,
  CallState,
  CallStats,
  Card,
  ConnectOptions,
  ModelInfo,
  Note,
  RoleInfo,
  Shown,
  Speaker,
  TimelineEvent,
  ToolActivity,
  ToolContext,
  ToolDefinition,
  ToolPhase,
  TranscriptItem,
} from './types.js';
