#!/usr/bin/env node
import { main } from './main.ts';

// exit at once, without waiting for look-ups on file systems that do not answer: all output is written
process.exit(await main(process.argv.slice(2), { out: 1, err: 2 }));
