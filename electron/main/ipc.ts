import { BrowserWindow, ipcMain } from 'electron';
import { answer } from '../../shared/contract/answer.ts';
import { appRequests } from '../../shared/contract/app-calls.ts';
import type { AppCall, AppRequest, AppResponses } from '../../shared/contract/app-calls.ts';
import { channels } from '../../shared/contract/channels.ts';
import { checkSender } from './sender.ts';

export type AppHandlers = {
  readonly [K in AppCall]: (request: AppRequest<K>) => AppResponses[K] | Promise<AppResponses[K]>;
};

/** Answers the page's calls: sender checked, request parsed, reply as data. */
export function answerCalls(window: () => BrowserWindow | undefined, handlers: AppHandlers): void {
  ipcMain.handle(channels.call, (event, name: unknown, request: unknown) => {
    checkSender(event.senderFrame, window()?.webContents.mainFrame);
    return answer(appRequests, handlers, name, request, (call, cause) => console.error(`${call}:`, cause));
  });
}
