import type { Plugin } from 'vite';

export function slimSignalR(): Plugin;
