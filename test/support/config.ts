import type { ConfigDocument } from '../../src/domain/config-document.ts';
import { type ConfigLayers, layerConfig } from '../../src/domain/config-layers.ts';
import { Failure } from '../../src/domain/failure.ts';

/** A file of these settings whose keys stand on the line of their depth. */
export const configDocument = (source: ConfigDocument['source'], data: unknown): ConfigDocument => ({
  source,
  file: source === 'user' ? '/home/ada/.config/wt/config.yaml' : '/src/jerry/.wt.yaml',
  data,
  locate: (path) => ({ line: path.length, column: 1 }),
});

export const layered = (layers: Partial<ConfigLayers> = {}) =>
  layerConfig({ documents: [], variables: {}, home: '/home/ada', ...layers });

export const userSays = (data: unknown) => layered({ documents: [configDocument('user', data)] });

/** The failure that work raises; anything else that is thrown passes through. */
export const failureOf = (work: () => unknown): Failure => {
  try {
    work();
  } catch (error) {
    if (error instanceof Failure) return error;
    throw error;
  }
  throw new Error('it did not fail');
};
