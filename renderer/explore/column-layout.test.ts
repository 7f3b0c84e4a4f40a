import { describe, expect, it } from 'vitest';
import { columnOrder, moveColumn, resetColumn, resizeColumn, shiftColumn, toggleColumn } from './column-layout.ts';

const order = ['name', 'size', 'mode', 'verity'];

describe('column layout', () => {
  it('keeps what is remembered, adds what is new, drops what is gone', () => {
    expect(columnOrder(order, ['name', 'verity', 'layer', 'size'])).toEqual(['name', 'verity', 'size', 'mode']);
    expect(columnOrder(order, [])).toEqual(order);
  });

  it('drops a column in front of another, never in front of the name', () => {
    expect(moveColumn(order, 'verity', 'size')).toEqual(['name', 'verity', 'size', 'mode']);
    expect(moveColumn(order, 'verity', 'name')).toEqual(['name', 'verity', 'size', 'mode']);
    expect(moveColumn(order, 'name', 'verity')).toEqual(order);
    expect(moveColumn(order, 'size', 'gone')).toEqual(order);
  });

  it('moves by one among those that show', () => {
    expect(shiftColumn(order, [], 'size', 1)).toEqual(['name', 'mode', 'size', 'verity']);
    expect(shiftColumn(order, ['mode'], 'size', 1)).toEqual(['name', 'mode', 'verity', 'size']);
    expect(shiftColumn(order, [], 'size', -1)).toEqual(order);
    expect(shiftColumn(order, [], 'verity', 1)).toEqual(order);
  });

  it('hides and shows', () => {
    const columns = { order, hidden: ['mode'], widths: {} };
    expect(toggleColumn(columns, 'size').hidden).toEqual(['mode', 'size']);
    expect(toggleColumn(columns, 'mode').hidden).toEqual([]);
  });

  it('resizes within bounds, and back', () => {
    const columns = { order, hidden: [], widths: { size: 80 } };
    expect(resizeColumn(columns, 'mode', 100.4).widths).toEqual({ size: 80, mode: 100 });
    expect(resizeColumn(columns, 'size', -5).widths).toEqual({ size: 44 });
    expect(resizeColumn(columns, 'size', 1e9).widths).toEqual({ size: 4000 });
    expect(resetColumn(columns, 'size').widths).toEqual({});
  });
});
