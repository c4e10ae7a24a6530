import { afterAll, afterEach } from 'vitest';
import { runEndings } from './after.ts';

afterEach(() => runEndings('test'));
afterAll(() => runEndings('file'));
