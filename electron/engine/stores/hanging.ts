/** Calls that were given up, and have not come back from the kernel: each keeps a thread that Node waits for at its end. */
let hanging = 0;

/** Notes that a call was given up. @returns to be called when it comes back after all */
export function noteHang(): () => void {
  hanging += 1;
  return () => {
    hanging -= 1;
  };
}

/** Whether this process has threads that hang in the kernel. */
export const isHanging = (): boolean => hanging > 0;
