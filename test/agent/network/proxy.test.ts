/** Which proxy an address gets, from agent.yaml and the environment. */
import { describe, expect, it } from 'vitest';
import { proxyFor } from '../../../agent/network/proxy.ts';
import { CodedError } from '../../../shared/errors.ts';

const collector = 'https://collector.example.org:8443';
const shown = (address: string, configured: string | undefined, environment: Record<string, string> = {}) =>
  proxyFor(address, configured, environment)?.shown ?? 'none';

it('takes agent.yaml before the environment, and small letters before capitals', () => {
  const environment = { HTTPS_PROXY: 'http://capital:1', https_proxy: 'http://small:2' };
  expect(shown(collector, 'http://own:3', environment)).toBe('http://own:3');
  expect(shown(collector, 'none', environment)).toBe('none');
  expect(shown(collector, undefined, environment)).toBe('http://small:2');
  expect(shown(collector, undefined, { HTTPS_PROXY: 'capital:1', https_proxy: '' })).toBe('http://capital:1');
  expect(shown(collector, undefined, { http_proxy: 'http://plain:1', HTTP_PROXY: 'http://plain:1' })).toBe(
    'none',
  );
  expect(shown(collector, undefined, {})).toBe('none');
  // Named by hand it counts even for what the environment leaves out.
  expect(shown('https://127.0.0.1:1', 'http://own:3', { no_proxy: '*' })).toBe('http://own:3');
});

it('never asks the environment’s proxy for this machine itself', () => {
  for (const own of ['localhost', 'a.localhost', '127.0.0.1', '127.9.9.9', '[::1]'])
    expect(shown(`https://${own}:8443`, undefined, { https_proxy: 'http://p:1' }), own).toBe('none');
});

describe('no_proxy', () => {
  const cases: [list: string, address: string, left: boolean][] = [
    ['*', collector, true],
    ['collector.example.org', collector, true],
    ['example.org', collector, true],
    ['.example.org', collector, true],
    ['*.example.org', collector, true],
    ['other.org, EXAMPLE.org', collector, true],
    ['collector.example.org:8443', collector, true],
    ['collector.example.org:443', collector, false],
    ['example.org:443', 'https://example.org', true],
    ['ample.org', collector, false],
    ['example.org.', collector, false],
    ['.', collector, false],
    ['', collector, false],
    ['192.0.2.0/24', 'https://192.0.2.7:8443', true],
    ['192.0.2.0/24', 'https://192.0.3.7:8443', false],
    ['192.0.2.7', 'https://192.0.2.7:8443', true],
    ['192.0.2.7:8443', 'https://192.0.2.7:8443', true],
    ['192.0.2.7:1', 'https://192.0.2.7:8443', false],
    ['2001:db8::/32', 'https://[2001:db8::7]:8443', true],
    ['2001:db8::7', 'https://[2001:db8:0::7]:8443', true],
    ['[2001:db8::7]:8443', 'https://[2001:db8::7]:8443', true],
    ['2001:db8::/32', 'https://[2001:db9::7]:8443', false],
    ['192.0.2.0/99', 'https://192.0.2.7:8443', false],
    ['0.2.7', 'https://192.0.2.7:8443', false],
  ];
  it.each(cases)('%j, %s: left out %s', (list, address, left) => {
    expect(shown(address, undefined, { https_proxy: 'http://p:1', NO_PROXY: list })).toBe(
      left ? 'none' : 'http://p:1',
    );
  });
});

it.each([
  'socks5://p:1',
  'http://',
  'http://anna:geheim%zz@p:1',
  'ftp://anna:geheim@p',
  'http://anna:geheim@ p',
])('refuses %s without repeating it', (text) => {
  let thrown: unknown;
  try {
    proxyFor(collector, text, {});
  } catch (error) {
    thrown = error;
  }
  expect(thrown).toBeInstanceOf(CodedError);
  const { code, message } = thrown as CodedError;
  expect([code, message.includes('geheim')]).toEqual(['PROXY_INVALID', false]);
});
