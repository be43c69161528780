import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isPublicAddress } from './public-address.ts';

test('addresses of the public Internet', () => {
  for (const address of ['8.8.8.8', '172.32.0.1', '193.0.0.1', '2606:4700::1111', '::ffff:8.8.8.8']) {
    assert.ok(isPublicAddress(address), address);
  }
});

test('addresses that lead to what is behind us, whatever they are dressed as', () => {
  const inside = `
    0.0.0.0 10.1.2.3 127.0.0.1 100.64.0.1 169.254.169.254 172.16.0.1 192.168.1.1 198.18.0.1 192.0.2.1 224.0.0.1 240.0.0.1
    255.255.255.255 :: ::1 fe80::1 fe80::1%eth0 fc00::1 fd12:3456::1 ff02::1 2001:db8::1 ::ffff:127.0.0.1 ::ffff:10.0.0.1
    ::127.0.0.1 64:ff9b::7f00:1 2002:7f00:1:: 2001:0:53aa::1 localhost 127.1 2130706433`
    .trim()
    .split(/\s+/);
  for (const address of inside) assert.equal(isPublicAddress(address), false, address);
});
