import { describe, expect, it } from 'vitest';
import { MAX_SCROLL_ROWS, ROW_HEIGHT_PX, rowShift, scrollRows, scrollTopFor } from './scroll-scale.ts';

const VIEWPORT = 600;

describe('scrolling', () => {
  it('shows each row where it is, up to a million rows', () => {
    expect(scrollRows(1_000_000)).toBe(1_000_000);
    expect(rowShift(1_000_000, 123_456, VIEWPORT)).toBe(0);
    expect(scrollTopFor(10, 1000, 0, VIEWPORT)).toBeUndefined();
    expect(scrollTopFor(100, 1000, 0, VIEWPORT)).toBe(101 * ROW_HEIGHT_PX - VIEWPORT);
    expect(scrollTopFor(5, 1000, 2000, VIEWPORT)).toBe(5 * ROW_HEIGHT_PX);
  });

  it.each([0, 1, 17, 1_000_000, 2_500_000, 4_999_980, 4_999_999])('reaches row %i of five million', (row) => {
    const total = 5_000_000;
    const top = scrollTopFor(row, total, 12_345_678, VIEWPORT) ?? 12_345_678;
    const first = top / ROW_HEIGHT_PX + rowShift(total, top, VIEWPORT);
    expect(row).toBeGreaterThanOrEqual(Math.floor(first) - 1);
    expect(row).toBeLessThanOrEqual(first + VIEWPORT / ROW_HEIGHT_PX);
    expect(top).toBeLessThanOrEqual(MAX_SCROLL_ROWS * ROW_HEIGHT_PX - VIEWPORT);
  });
});
