/** The one place that brings in execa: loaded only by what starts commands other than git. */
export { execa, type Options } from 'execa';
