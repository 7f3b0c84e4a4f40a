/** A name from an image, as one that any file system takes and that stays in the folder it is offered in. */
export function safeFileName(name: string): string {
  // oxlint-disable-next-line no-control-regex -- they are what must go
  const safe = name.replace(/[/\\:*?"<>|\u0000-\u001f\u007f]/g, '_').replace(/^\.+$/, '_');
  return safe === '' ? 'content' : safe;
}
