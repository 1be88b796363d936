import type { Plugin } from 'vite';

export function slimSignalR(): Plugin;
export function slimTemplates(): Plugin;
export function slimPurify(): Plugin;
