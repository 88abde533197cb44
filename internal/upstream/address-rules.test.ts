import { expect, test } from "vitest";
import { createAddressRules } from "./address-rules.ts";

test.each([
  "0.0.0.0",
  "0.1.2.3",
  "10.0.0.1",
  "100.64.0.1",
  "100.100.100.200",
  "127.0.0.1",
  "127.255.255.254",
  "168.63.129.16",
  "169.254.169.254",
  "172.16.0.1",
  "172.31.255.255",
  "192.0.0.192",
  "192.88.99.1",
  "192.168.1.1",
  "198.18.0.1",
  "224.0.0.1",
  "239.255.255.250",
  "240.0.0.1",
  "255.255.255.255",
  "::",
  "::1",
  "::127.0.0.1",
  "::ffff:127.0.0.1",
  "::ffff:a9fe:a9fe",
  "64:ff9b::7f00:1",
  "64:ff9b::10.0.0.1",
  "64:ff9b:1::1",
  "100::1",
  "2001::1",
  "2001:0:7f00:1::80ff:fffe",
  "2001:10::1",
  "2002:7f00:1::1",
  "2002:a00:1::",
  "fc00::1",
  "fd00:ec2::254",
  "fe80::1",
  "fe80::1%eth0",
  "2606:4700::1%eth0",
  "fec0::1",
  "ff02::1",
  "127.1",
  "0x7f.1",
  "2130706433",
  "localhost",
  "",
])("%s is refused", (address) => {
  expect(createAddressRules([])(address)).toBe(false);
});

test.each([
  "1.1.1.1",
  "9.255.255.255",
  "11.0.0.0",
  "100.63.255.255",
  "100.128.0.0",
  "172.15.0.1",
  "172.32.0.1",
  "192.0.2.1",
  "198.51.100.7",
  "203.0.113.9",
  "223.255.255.255",
  "::ffff:1.1.1.1",
  "64:ff9b::1.1.1.1",
  "2002:101:101::1",
  "2606:4700::1111",
  "2a00:1450::1",
])("%s is public", (address) => {
  expect(createAddressRules([])(address)).toBe(true);
});

test.each([
  { allowed: "127.0.0.0/8", address: "127.0.0.1", want: true },
  { allowed: "127.0.0.0/8", address: "::ffff:127.0.0.1", want: true },
  { allowed: "127.0.0.0/8", address: "::1", want: false },
  { allowed: "10.1.0.0/16", address: "10.1.2.3", want: true },
  { allowed: "10.1.0.0/16", address: "10.2.0.1", want: false },
  { allowed: "10.1.0.0/16", address: "64:ff9b::10.1.0.1", want: true },
  { allowed: "::ffff:10.1.0.0/112", address: "10.1.2.3", want: true },
  { allowed: "fd00::/8", address: "fd12::1", want: true },
  { allowed: "::1/128", address: "::1", want: true },
  { allowed: "::/0", address: "10.0.0.1", want: false },
])("$allowed makes $address $want", ({ allowed, address, want }) => {
  expect(createAddressRules([allowed])(address)).toBe(want);
});
