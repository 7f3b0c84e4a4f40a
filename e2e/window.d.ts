import type { Bridge } from '../shared/contract/app-calls.ts';

declare global {
  interface Window {
    readonly composcope: Bridge;
  }
}
