// The least that an Electron app can be.
import { app, BrowserWindow } from 'electron';

// not with a top-level await: Electron is ready only when this has been loaded
void app.whenReady().then(() => {
  const window = new BrowserWindow({ width: 1280, height: 800 });
  return window.loadURL('data:text/html,<title>bare</title>An empty window');
});
