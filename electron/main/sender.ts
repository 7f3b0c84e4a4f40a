import { APP_ORIGIN } from './app-files.ts';

/** What of Electron's WebFrameMain is looked at; its frame is null where it is gone meanwhile. */
export interface Frame {
  readonly url: string;
}

/**
 * Throws, aloud, where a message does not come from the top frame of our window showing our page: a message that is
 * dropped in silence hides the fault, and one from a frame in between hides an attack.
 *
 * @param sender the frame that sent it
 * @param main the top frame of our window; undefined where there is no window
 */
export function checkSender(sender: Frame | null | undefined, main: Frame | undefined): void {
  if (sender === null || sender === undefined) throw new Error('Message from a frame that is gone.');
  if (main === undefined || sender !== main) throw new Error('Message from a frame that is not the window.');
  if (!sender.url.startsWith(`${APP_ORIGIN}/`)) throw new Error('Message from a page that is not ours.');
}
