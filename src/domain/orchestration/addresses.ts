import { failures } from '../failure.ts';
import { nearest } from '../near.ts';
import type { Status } from '../status.ts';
import type { YamlEntry } from '../yaml-tree.ts';
import type { Item } from './items.ts';

/** An item that has a status, which is what can be set. */
export type StatusItem = Item & { readonly entry: YamlEntry; readonly status: Status };

export const hasStatus = (item: Item): item is StatusItem => item.entry !== undefined;

/**
 * The item that an address means: the one with exactly this address, or else the only one whose address ends in it,
 * keys of the file in the place of ids too. Throws `address_not_found` and `ambiguous_address`.
 */
export function findItem(items: readonly Item[], address: string, file: string): StatusItem {
  const wanted = address.trim().replace(/\/+$/, '');
  const exact = [address, wanted].flatMap((each) => items.filter((item) => item.address === each))[0];
  const found = exact === undefined ? matching(items, wanted) : [exact];
  const withStatus = found.filter(hasStatus);
  if (withStatus.length > 1)
    throw failures.ambiguousAddress(
      address,
      file,
      withStatus.map((item) => item.address),
    );
  const [only] = withStatus;
  if (only !== undefined) return only;
  if (found[0] !== undefined) throw failures.addressWithoutStatus(found[0].address, file);
  const addresses = items.filter(hasStatus).map((item) => item.address);
  throw failures.addressNotFound(address, file, nearAddresses(wanted, addresses));
}

function matching(items: readonly Item[], wanted: string): readonly Item[] {
  const ways = (item: Item): readonly string[] => [item.plain, keyed(item)];
  const whole = items.filter((item) => ways(item).includes(wanted));
  if (whole.length > 0) return whole;
  return items.filter((item) => [item.address, ...ways(item)].some((way) => way.endsWith(`/${wanted}`)));
}

/** The address with the keys of the file where it has them. */
const keyed = (item: Item): string =>
  [...(item.parent === undefined ? [] : [keyed(item.parent)]), item.key ?? item.segment].join('/');

function nearAddresses(wanted: string, addresses: readonly string[]): readonly string[] {
  const last = (address: string) => address.slice(address.lastIndexOf('/') + 1);
  const whole = nearest(wanted, addresses);
  if (whole.length > 0) return whole;
  const ends = new Set(nearest(last(wanted), addresses.map(last)));
  return addresses.filter((address) => ends.has(last(address))).slice(0, 3);
}
